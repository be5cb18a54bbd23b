"""From the distance of a match to the probability that it is right.

A distance means something else in each embedding space, and a match something else in each
library: the more people there are, the nearer comes the nearest stranger. A curve is the
pack's, fitted to matches on albums with labels (see `docs/quality.md`); how many people
could be meant is said with each question, and moves it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic curve: 0.5 at the cosine distance `middle`, 0.73 and 0.27 a `width` off it.

    That is for a question with one candidate; it moves with the logarithm of their number.
    """

    middle: float
    width: float

    def probability(self, distance: float, *, candidates: int = 1) -> float:
        """Return the probability (0..1) that two faces at this distance are of one person.

        For the nearest of `candidates` people, with even odds that it is any of them; for
        two faces or people of whom only each other is asked about, it is 1.
        """
        middle = self.middle - self.width * math.log(max(candidates, 1))
        return 0.5 - 0.5 * math.tanh((distance - middle) / (2 * self.width))


CALIBRATIONS: Mapping[str, Calibration] = MappingProxyType(
    {
        "open": Calibration(middle=0.62, width=0.034),
        "dlib": Calibration(middle=0.0725, width=0.0043),
    }
)
"""Fitted on the album `lfw` by `python -m bench.quality --section calibration`; that of
`open` suits its mirrored embeddings as well (0.6175 and 0.0346)."""

_MIDDLE_SHARE, _WIDTH_SHARE = 1.24, 0.068
"""Those of `open`, as shares of its recommended distance."""


def calibration_of(pack: str, *, recommended_distance: float) -> Calibration:
    """Return the pack's calibration; for one without, a guess from recommended distances."""
    fitted = CALIBRATIONS.get(pack)
    if fitted is not None:
        return fitted
    return Calibration(
        _MIDDLE_SHARE * recommended_distance, _WIDTH_SHARE * recommended_distance
    )
