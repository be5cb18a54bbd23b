"""Read where pip would look for packages, without running pip.

Files and variables as described in pip's documentation, "Configuration"
(https://pip.pypa.io/en/stable/topics/configuration/): global, user, site, then
`PIP_CONFIG_FILE`; the section `[install]` over `[global]`, and the environment over all.
"""

from __future__ import annotations

import configparser
import logging
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_DEFAULT_INDEX = "https://pypi.org/simple"
_SECTIONS = ("global", "install")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PackageIndexes:
    """The places where packages are looked for, and how to reach them.

    `find_links` are directories, files or addresses of pages with links. `certificates` is a
    file with the authorities to trust, `client_certificate` a PEM file with a key in it.
    """

    index_urls: tuple[str, ...] = (_DEFAULT_INDEX,)
    find_links: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    certificates: str = ""
    client_certificate: str = ""
    proxy: str = ""


def read_pip_configuration(
    environ: Mapping[str, str] = os.environ, *, prefix: Path | None = None
) -> PackageIndexes:
    """Return the package indexes that pip is configured to use.

    `prefix` is the root of the virtual environment, that of this process unless given.
    """
    values = _from_files(environ, prefix or Path(sys.prefix))
    for name, value in environ.items():
        if name.startswith("PIP_") and value:
            values[name.removeprefix("PIP_").lower().replace("_", "-")] = value
    urls: tuple[str, ...] = ()
    if not _is_true(values.get("no-index", "")):
        default = values.get("index-url") or values.get("pypi-url") or _DEFAULT_INDEX
        urls = (default, *values.get("extra-index-url", "").split())
    return PackageIndexes(
        index_urls=urls,
        find_links=tuple(values.get("find-links", "").split()),
        trusted_hosts=tuple(values.get("trusted-host", "").split()),
        certificates=values.get("cert", ""),
        client_certificate=values.get("client-cert", ""),
        proxy=values.get("proxy", ""),
    )


def _configuration_files(environ: Mapping[str, str], prefix: Path) -> list[Path]:
    chosen = environ.get("PIP_CONFIG_FILE", "")
    if chosen == os.devnull:  # pip's way to say: read none
        return []
    home = Path(environ.get("HOME") or Path.home())
    shared = environ.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    user = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    files = [Path(folder) / "pip/pip.conf" for folder in shared.split(os.pathsep) if folder]
    files += [Path("/etc/pip.conf"), home / ".pip/pip.conf", user / "pip/pip.conf"]
    files.append(prefix / "pip.conf")
    return [*files, Path(chosen)] if chosen else files


def _from_files(environ: Mapping[str, str], prefix: Path) -> dict[str, str]:
    values: dict[str, dict[str, str]] = {section: {} for section in _SECTIONS}
    for path in _configuration_files(environ, prefix):
        parser = configparser.RawConfigParser()
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, OSError, UnicodeDecodeError) as exc:
            _log.warning("pip's configuration file %s cannot be read: %s", path, exc)
            continue
        for section in _SECTIONS:
            if parser.has_section(section):
                values[section].update(
                    (key.replace("_", "-"), value) for key, value in parser.items(section)
                )
    return {**values["global"], **values["install"]}


def _is_true(text: str) -> bool:
    return text.strip().lower() in {"1", "true", "yes", "on", "y", "t"}
