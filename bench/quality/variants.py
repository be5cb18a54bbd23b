"""Pictures made worse, packs made to work harder, and settings of rounds, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any

from facefolk_server.clustering import ChainGuard, QualityGate
from facefolk_server.vision.hard import HardOptions
from facefolk_server.vision.pipeline import PipelineOptions

from bench.quality.albums import Album
from bench.quality.conditions import degrade_third


def _as_it_is(album: Album) -> Album:
    return album


@dataclass(frozen=True, slots=True)
class Variant:
    """What is done to an album, and how the pack is run; `mark` follows the pack's name."""

    change: Callable[[Album], Album] = _as_it_is
    options: PipelineOptions = field(default_factory=PipelineOptions)
    mark: str = ""


VARIANTS: Mapping[str, Variant] = MappingProxyType(
    {
        "plain": Variant(),
        "degraded": Variant(change=degrade_third),
        "degraded24": Variant(change=partial(degrade_third, blur_share=1 / 24)),
        "degraded32": Variant(change=partial(degrade_third, blur_share=1 / 32)),
        "degraded48": Variant(change=partial(degrade_third, blur_share=1 / 48)),
        "mirrored": Variant(options=PipelineOptions(mirrored=True), mark="+mirrored"),
        "hard": Variant(options=PipelineOptions(hard=HardOptions(tiled=True)), mark="+hard"),
    }
)
SETTINGS = ("plain", "guard", "guard and gate")
"""Settings of rounds that are compared."""
_GUARD_DISTANCES = {"open": 0.5, "dlib": 0.065}


def named_settings(
    pack: str, names: Sequence[str], *, recommended: float
) -> dict[str, dict[str, Any]]:
    """Return what rounds of this pack are given under each name."""
    guard = ChainGuard.at(_GUARD_DISTANCES.get(pack, recommended))
    known: dict[str, dict[str, Any]] = {
        "plain": {},
        "guard": {"chain_guard": guard},
        "guard and gate": {"chain_guard": guard, "quality_gate": QualityGate()},
    }
    return {name: known[name] for name in names}
