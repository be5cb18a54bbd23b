"""Pictures made worse, packs made to work harder, and settings of rounds, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from facefolk_server.clustering import ChainGuard, QualityGate
from facefolk_server.types import PLAIN, Looks
from facefolk_server.vision.specs import Pack

from bench.quality.albums import Album
from bench.quality.conditions import degrade_third

Extras = Callable[[float], Mapping[str, Any]]
"""What parameters of rounds are given beside the distance, which it is told."""
ALL_LOOKS = Looks(close=True, turned=True, tiny=True)


def _as_it_is(album: Album) -> Album:
    return album


@dataclass(frozen=True, slots=True)
class Variant:
    """What is done to an album, and how the pack is run; `mark` follows the pack's name."""

    change: Callable[[Album], Album] = _as_it_is
    looks: Looks = PLAIN
    mirrored: bool = False
    mark: str = ""


VARIANTS: Mapping[str, Variant] = MappingProxyType(
    {
        "plain": Variant(),
        "degraded": Variant(change=degrade_third),
        "degraded24": Variant(change=partial(degrade_third, blur_share=1 / 24)),
        "degraded32": Variant(change=partial(degrade_third, blur_share=1 / 32)),
        "degraded48": Variant(change=partial(degrade_third, blur_share=1 / 48)),
        "mirrored": Variant(mirrored=True, mark="+mirrored"),
        "close": Variant(looks=Looks(close=True), mark="+close"),
        "turned": Variant(looks=Looks(turned=True), mark="+turned"),
        "hard": Variant(looks=ALL_LOOKS, mark="+hard"),
    }
)
SETTINGS = ("plain", "guard", "guard and gate")
"""Settings of rounds that are compared."""


def named_settings(pack: Pack, names: Sequence[str]) -> dict[str, Extras]:
    """Return what rounds of this pack are given under each name, by their distance."""
    best = pack.guard_distance or pack.recommended_distance
    guard = ChainGuard.at(best)
    known: dict[str, Extras] = {
        "plain": lambda _: {},
        "guard": lambda _: {"chain_guard": guard},
        "guard and gate": lambda distance: {
            "chain_guard": guard,
            "quality_gate": QualityGate.at(distance, recommended=best),
        },
    }
    return {name: known[name] for name in names}
