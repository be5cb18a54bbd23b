"""The settings of a deployment: environment variables over a TOML file over defaults.

Only the composition root and the commands read them; everything else is told by arguments.
Recognition settings, which change at run time, live in the store.
"""

from facefolk_server.settings.addresses import is_loopback, split_address
from facefolk_server.settings.deployment import PREFIX, Settings, default_cache_dir
from facefolk_server.settings.reading import CONFIG_VARIABLE, load_settings
from facefolk_server.settings.table import settings_table

__all__ = [
    "CONFIG_VARIABLE",
    "PREFIX",
    "Settings",
    "default_cache_dir",
    "is_loopback",
    "load_settings",
    "settings_table",
    "split_address",
]
