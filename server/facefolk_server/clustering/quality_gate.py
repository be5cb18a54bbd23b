"""Lets poor faces found no people, and join some only from near by.

The embedding of a small, blurred or turned face says little: it lies far from the person's
good ones, and often near those of other poor faces, whoever they are. Blurred faces of twenty
people are one group to DBSCAN. With the gate a poor face is never core, and no face is core
for its sake: it does not count as a neighbor of another. And two faces of which one is poor
are in reach of each other only within a share of the maximum distance, when groups grow and
when faces join their nearest lender. A poor face that was assigned by hand lends its person,
within that share.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MIN_QUALITY = 0.34
_STRICTER = 0.2
"""How much more quality is asked for at twice the recommended distance."""


@dataclass(frozen=True, slots=True)
class QualityGate:
    """Faces of a quality below `min_quality` (0..1) are poor.

    They reach `distance_share` (0..1) of the round's maximum distance. The defaults, and
    those of `at`, were chosen on the albums `orl`, a third of it blurred or made small, and
    `lfw` (see `docs/quality.md`).
    """

    min_quality: float = _MIN_QUALITY
    distance_share: float = 0.97

    @classmethod
    def at(cls, distance: float, *, recommended: float) -> QualityGate:
        """Return the gate for a maximum distance, given the one that suits the pack.

        The farther faces reach, the more of the poor ones are near each other, whoever they
        are: so the gate gets stricter beyond the recommended distance.
        """
        beyond = max(0.0, distance / recommended - 1.0)
        return cls(min_quality=_MIN_QUALITY + _STRICTER * beyond)

    def is_able(self, quality: float) -> bool:
        """Tell whether a face of this quality is good enough to be core."""
        return bool(np.float32(quality) >= np.float32(self.min_quality))

    def able(self, quality: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Return which faces are good enough to be core, `(n,)` from `(n,)` qualities."""
        enough: NDArray[np.bool_] = quality >= np.float32(self.min_quality)
        return enough

    def reaches(self, able: NDArray[np.bool_], *, max_distance: float) -> NDArray[np.float64]:
        """Return up to which distance each face can be in reach of another, `(n,)`."""
        return np.where(able, max_distance, self.distance_share * max_distance)
