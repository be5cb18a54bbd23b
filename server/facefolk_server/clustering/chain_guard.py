"""Keeps two people apart who are linked by single faces between them.

DBSCAN joins groups over a single pair of core faces. Where the distance is generous such
pairs exist between people: a blurred picture, a face half turned, two brothers. The guard
looks at all faces of both groups instead: when a pair is about to join two groups, it refuses
if the mean distance between their faces is too large. A small group that holds faces of both
sides would be not too far from either; so no face of a small group may itself be very far
from the other group. And a few faces between two people who look alike pull the mean down,
while most faces stay apart; so of larger groups only a few may be far from the other. Of very
large ones that is not asked: a few faces do not pull their mean. Every question is asked of
the groups as they are when the pair comes up, nearest pairs first, so the answer does not
depend on the order of faces.

Guarded growth can leave one person in pieces: a small piece whose mean distance to the rest
was too large while both were small. When growth is over, refused pairs are asked once more
about the whole groups: two groups with a refused pair between them are joined if each is the
other's nearest group by mean distance, within a limit, and no third one comes near either.
A group that lies between two people is left to the user. Where nothing was refused, nothing
is asked, and the result is that of plain growth.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facefolk_server.clustering.centers import Centers, DoubleArray, FloatArray, IntArray

BoolArray = NDArray[np.bool_]

_BLOCK = 1024


@dataclass(frozen=True, slots=True)
class ChainGuard:
    """Limits of mean cosine distances between groups.

    Groups of `large_size` faces or more join up to `large_limit`, others up to
    `small_limit`. No face of a group of at most `member_size` may be farther than
    `member_limit` from the other group, on average. Where both have at least `large_size`,
    not more than `far_share` (0..1) of the faces of either may be farther than `far_limit`
    from the other; of more than `known_size` faces that is not asked. Pieces of one person
    join up to `fragment_limit` if the next nearest group of each is at least
    `fragment_margin` farther, which has to be above 0, and few faces are far as before.
    """

    small_limit: float
    large_limit: float
    fragment_limit: float
    fragment_margin: float
    member_limit: float = 2.0
    far_limit: float = 2.0
    far_share: float = 0.2
    large_size: int = 4
    member_size: int = 5
    known_size: int = 32

    @classmethod
    def at(cls, distance: float) -> ChainGuard:
        """Return the limits for a pack whose people are best told apart at this distance.

        The factors were chosen on the albums `orl` and `lfw` with the pack `open`; they hold
        with `dlib` (see `docs/quality.md`). They do not follow a distance that a user sets:
        how far people are apart is a property of the pack.
        """
        return cls(
            small_limit=1.3 * distance,
            large_limit=1.2 * distance,
            fragment_limit=1.3 * distance,
            fragment_margin=0.2 * distance,
            member_limit=1.5 * distance,
            far_limit=1.3 * distance,
        )

    @property
    def members_kept(self) -> int:
        """How many faces the groups have at most whose faces are asked about one by one."""
        return max(self.member_size, self.known_size)

    def centers(self, embeddings: FloatArray) -> Centers:
        """Return what is asked about groups of these `(n, d)` embeddings."""
        return Centers(embeddings, members_kept=self.members_kept)

    def allows(self, centers: Centers, group: int, other: int) -> bool:
        """Tell whether a pair may join the two groups it lies in."""
        large = min(centers.size(group), centers.size(other)) >= self.large_size
        limit = self.large_limit if large else self.small_limit
        if centers.distance(group, other) > limit:
            return False
        for one, two in ((group, other), (other, group)):
            if centers.size(one) <= self.member_size:
                farthest = centers.member_distances(one, two).max(initial=0.0)
                if farthest > self.member_limit:
                    return False
        return not self.holds_far_faces(centers, group, other)

    def holds_far_faces(self, centers: Centers, group: int, other: int) -> bool:
        """Tell whether too many faces of one of two groups are far from the other one."""
        if min(centers.size(group), centers.size(other)) < self.large_size:
            return False
        for one, two in ((group, other), (other, group)):
            far = np.count_nonzero(centers.member_distances(one, two) > self.far_limit)
            if far > self.far_share * centers.size(one):
                return True
        return False

    def asks_members(self, sizes: IntArray) -> BoolArray:
        """Return of which of the two groups of each join the members matter, `(2, p)`.

        `sizes` `(2, p)` are those of the groups.
        """
        large = sizes.min(axis=0) >= self.large_size
        asked: BoolArray = sizes <= self.member_size
        asked |= large & (sizes <= self.known_size)
        return asked

    def refuses(
        self, sizes: IntArray, distances: DoubleArray, farthest: DoubleArray, far: IntArray
    ) -> BoolArray:
        """Answer for many joins at once, the other way round, `(p,)`.

        `sizes` `(2, p)` are those of the groups, `distances` `(p,)` the mean ones. Of groups
        whose members matter `farthest` `(2, p)` says how far the farthest one is from the
        other group on average, and `far` `(2, p)` how many are beyond `far_limit`.
        """
        large = sizes.min(axis=0) >= self.large_size
        refused: BoolArray = distances > np.where(large, self.large_limit, self.small_limit)
        refused |= ((sizes <= self.member_size) & (farthest > self.member_limit)).any(axis=0)
        refused |= large & (far > self.far_share * sizes).any(axis=0)
        return refused


def join_fragments(
    guard: ChainGuard,
    centers: Centers,
    *,
    groups: Collection[int],
    refused: Collection[tuple[int, int]],
    allowed: Callable[[int, int], bool],
) -> list[tuple[int, int]]:
    """Join pieces of one person and return the joins made, `(kept, gone)` in their order.

    `groups` are the roots of all groups, `refused` pairs of them that a refused pair of faces
    lies between; `allowed` says whether two groups may be one at all. Joins that hold at the
    same time are made together, and then all is asked anew, until none is left. Since the
    margin is above 0 no two of them share a group, and no tie has to be broken.
    """
    left = sorted(groups)
    links = {_pair(a, b) for a, b in refused if a != b}
    made: list[tuple[int, int]] = []
    while links:
        turn = [
            pair
            for pair in _candidates(guard, centers, left, links)
            if allowed(*pair) and not guard.holds_far_faces(centers, *pair)
        ]
        if not turn:
            break
        for kept, gone in turn:
            centers.join(kept, gone)
        moved = {gone: kept for kept, gone in turn}
        left = [root for root in left if root not in moved]
        renamed = (_pair(moved.get(a, a), moved.get(b, b)) for a, b in links)
        links = {(a, b) for a, b in renamed if a != b}
        made.extend(turn)
    return made


def _candidates(
    guard: ChainGuard, centers: Centers, groups: Sequence[int], links: set[tuple[int, int]]
) -> list[tuple[int, int]]:
    asked = sorted({root for pair in links for root in pair})
    places = {root: place for place, root in enumerate(asked)}
    nearest, distances, next_distances = _two_nearest(centers, asked, groups)
    found = []
    for place, group in enumerate(asked):
        other = groups[nearest[place]]
        if group > other or (group, other) not in links:
            continue
        back = places[other]
        next_distance = min(next_distances[place], next_distances[back])
        if (
            groups[nearest[back]] == group
            and distances[place] <= guard.fragment_limit
            and next_distance - distances[place] >= guard.fragment_margin
        ):
            found.append((group, other))
    return found


def _two_nearest(
    centers: Centers, asked: Sequence[int], groups: Sequence[int]
) -> tuple[NDArray[np.intp], DoubleArray, DoubleArray]:
    """Return for each asked group the place of the nearest and the two least distances.

    With fewer than two other groups the missing distances are infinite.
    """
    everyone = centers.matrix(groups)
    places = {root: place for place, root in enumerate(groups)}
    own = np.array([places[root] for root in asked], np.intp)
    nearest = np.empty(len(asked), np.intp)
    first = np.empty(len(asked))
    second = np.full(len(asked), np.inf)
    for start in range(0, len(asked), _BLOCK):
        part = slice(start, start + _BLOCK)
        between = 1.0 - everyone[own[part]] @ everyone.T
        rows = np.arange(len(between))
        between[rows, own[part]] = np.inf
        nearest[part] = between.argmin(axis=1)
        first[part] = between[rows, nearest[part]]
        between[rows, nearest[part]] = np.inf
        second[part] = between.min(axis=1)
    return nearest, first, second


def _pair(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)
