"""Where settings come from, and what is wrong with them."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsError,
)

from facefolk_server.errors import InvalidRequestError
from facefolk_server.settings.deployment import Settings

CONFIG_VARIABLE = "FACEFOLK_CONFIG"


def load_settings(config: Path | None = None, **given: object) -> Settings:
    """Read the settings; what is `given` stands above the environment, None is not given.

    Raises:
        InvalidRequestError: The file cannot be read, or a setting is unknown or wrong.
    """
    path = config or _configured_path()
    in_file = _read_file(path) if path else {}

    class _Sources(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            file_settings = InitSettingsSource(settings_cls, init_kwargs=in_file)
            return (init_settings, env_settings, file_settings)

    chosen: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    try:
        return _Sources(**chosen)
    except ValidationError as exc:
        raise InvalidRequestError(_explained(exc), field="settings") from exc
    except SettingsError as exc:
        raise InvalidRequestError(f"The settings are wrong: {exc}", field="settings") from exc


def _configured_path() -> Path | None:
    named = os.environ.get(CONFIG_VARIABLE)
    return Path(named) if named else None


def _read_file(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text())
    except OSError as exc:
        raise InvalidRequestError(
            f"The settings file {path} cannot be read: {exc.strerror or exc}.", path=path
        ) from exc
    except ValueError as exc:
        raise InvalidRequestError(
            f"The settings file {path} is not TOML: {exc}.", path=path
        ) from exc


def _explained(exc: ValidationError) -> str:
    problems = []
    for error in exc.errors(include_url=False, include_input=False):
        name = ".".join(str(part) for part in error["loc"])
        text = error["msg"].removeprefix("Value error, ")
        if error["type"] == "extra_forbidden":
            text = "there is no such setting"
        problems.append(f"{name}: {text}" if name else text)
    return "The settings are wrong. " + "; ".join(problems) + "."
