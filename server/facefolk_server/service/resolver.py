"""The settings of a library as they act, and the pipeline they choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from facefolk_server.service.call import Call
from facefolk_server.service.libraries import Libraries
from facefolk_server.service.packs import Packs
from facefolk_server.service.pipelines import Pipeline
from facefolk_server.service.resolved import Resolved, resolve
from facefolk_server.types import RecognitionSettings

NOTHING: Mapping[str, str | float | int | bool | None] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """A pipeline and the settings to use it with."""

    pipeline: Pipeline
    settings: Resolved


class Resolver:
    """Fills what the settings of a library leave open."""

    def __init__(self, libraries: Libraries, packs: Packs) -> None:
        self._libraries = libraries
        self._packs = packs

    async def resolved(
        self, call: Call, own: Mapping[str, str | float | int | bool | None] = NOTHING
    ) -> Resolved:
        """Return the settings that act, without loading a model.

        `own` are values by field that stand in for those of the library.

        Raises:
            PackNotFoundError: The library's pack is not known here any more.
        """
        settings = replace(await self._settings(call), **own)  # type: ignore[arg-type]
        pack = await self._packs.of(settings)
        return resolve(
            settings,
            pack=pack.name,
            pack_digest=pack.digest,
            recommended_min_score=pack.recommended_score,
            recommended_distance=pack.recommended_distance,
            guard_distance=pack.guard_distance,
        )

    async def ready(self, call: Call) -> Ready:
        """Return the library's pipeline, loaded, and its settings.

        Raises:
            PackNotFoundError: The library's pack is not known here any more.
            LicenseError: Its license has to be acknowledged first.
            ModelUnavailableError: Its files are not to be had.
        """
        settings = await self._settings(call)
        pipeline = await self._packs.pipeline(await self._packs.name(settings.pack))
        pack = pipeline.pack
        acting = resolve(
            settings,
            pack=pack.name,
            pack_digest=pack.digest,
            recommended_min_score=pack.recommended_min_score,
            recommended_distance=pack.recommended_distance,
            guard_distance=pack.guard_distance,
        )
        return Ready(pipeline, acting)

    async def _settings(self, call: Call) -> RecognitionSettings:
        return await self._libraries.read(call, lambda reading: reading.state.settings)
