"""Questions to the user, and why faces are where they are."""

from __future__ import annotations

from dataclasses import dataclass

from facefolk.types.enums import SuggestionKind
from facefolk.types.faces import Face, Mark
from facefolk.types.rounds import Round


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question whose answer would settle faces.

    MERGE asks whether two people are one; the others whether the first face is the first
    person. `distance` is the cosine distance (0..2) that raised it, `probability` (0..1) how
    likely they are one person.
    """

    suggestion_id: str
    kind: SuggestionKind
    person_ids: tuple[str, ...]
    face_ids: tuple[str, ...]
    distance: float
    faces_settled: int
    probability: float = 0.0


@dataclass(frozen=True, slots=True)
class Neighbor:
    """A face near another one, at a cosine distance of 0..2.

    `lends` tells that it gives its person to faces near it, `copy` that its embedding is the
    very same.
    """

    face_id: str
    person_id: str
    distance: float
    core: bool
    lends: bool
    copy: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a face is where it is, by the settings of now.

    `neighbor_count` counts the faces within the maximum recognition distance, itself included,
    `neighbors` are the nearest of them. `round` is the one that decided, None where none has;
    `vetoes` are sentences about what kept the face from a person.
    """

    face: Face
    core: bool
    neighbor_count: int
    neighbors: tuple[Neighbor, ...]
    only_copies: bool
    round: Round | None
    vetoes: tuple[str, ...]
    marks: tuple[Mark, ...]
