"""Rounds of Facefolk over an album, in one go or as pictures come in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from facefolk_server.clustering import RoundInput, RoundParameters, RoundResult, run_round
from facefolk_server.types import RoundMode

from bench.quality.embedded import Faces
from bench.quality.scores import NOBODY, IntArray

Parameters = Callable[[RoundMode], RoundParameters]
SEED = 7


@dataclass(slots=True)
class Library:
    """Faces that came so far and their people."""

    faces: Faces
    rows: list[int] = field(default_factory=list)
    people: dict[int, str] = field(default_factory=dict)
    rounds: int = 0

    def add(self, rows: Sequence[int]) -> None:
        """Let these faces come in."""
        self.rows.extend(rows)

    def run(self, parameters: RoundParameters) -> RoundResult:
        """Run a round and keep who is whose."""
        rows = np.array(self.rows, np.intp)
        result = run_round(self._input(rows), parameters)
        self.rounds += 1
        self.people = {
            row: person.replace("new:", f"p{self.rounds:03}-")
            for row, person in zip(self.rows, result.person_ids, strict=True)
            if person is not None
        }
        return result

    def groups(self) -> IntArray:
        """Return the person of each face of the album as a number, -1 for nobody."""
        numbers: dict[str, int] = {}
        groups = np.full(len(self.faces), NOBODY, np.int64)
        for row, person in self.people.items():
            groups[row] = numbers.setdefault(person, len(numbers))
        return groups

    def _input(self, rows: IntArray) -> RoundInput:
        nothing = np.zeros(len(rows), np.bool_)
        return RoundInput(
            face_ids=[f"f{row:07}" for row in rows],
            embeddings=self.faces.embeddings[rows],
            asset_ids=[f"a{picture:07}" for picture in self.faces.picture[rows]],
            frame_offsets_us=np.zeros(len(rows), np.int64),
            person_ids=[self.people.get(int(row)) for row in rows],
            manual=nothing,
            not_a_face=nothing,
            stranger=nothing,
            barred={},
            quality=self.faces.qualities[rows],
            kept_people=frozenset(),
        )


def one_round(faces: Faces, parameters: Parameters) -> IntArray:
    """Group all faces in one ALL round."""
    library = Library(faces)
    library.add(range(len(faces)))
    library.run(parameters(RoundMode.ALL))
    return library.groups()


def missing_rounds(faces: Faces, parameters: Parameters, *, count: int = 10) -> IntArray:
    """Group faces in MISSING rounds, the pictures dealt to them at random."""
    pictures = np.random.default_rng(SEED).permutation(len(faces.found))
    library = Library(faces)
    for portion in np.array_split(pictures, count):
        library.add(np.flatnonzero(np.isin(faces.picture, portion)).tolist())
        library.run(parameters(RoundMode.MISSING))
    return library.groups()
