"""Questions in words: who and what they are about, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.table import Table

from facefolk.cli.references import Names, short
from facefolk.cli.screen import counted, shown, table
from facefolk.errors import NotFoundError
from facefolk.types import Face, Person, Suggestion, SuggestionKind

if TYPE_CHECKING:
    from facefolk import Client

_FACES: Final = 4


@dataclass(frozen=True, slots=True)
class Question:
    """A suggestion with the faces and people that it is about, the asked first."""

    suggestion: Suggestion
    faces: tuple[Face, ...]
    people: tuple[Person, ...]

    @property
    def text(self) -> str:
        """What is asked."""
        who = called(self.people[0]) if self.people else "somebody"
        match self.suggestion.kind:
            case SuggestionKind.MERGE:
                return "Are these the same person?"
            case SuggestionKind.DOUBTFUL_FACE:
                return f"Is this face really {who}?"
            case SuggestionKind.OUTLIER:
                return f"Is this face, which has nobody yet, {who}?"
            case SuggestionKind.SAME_ASSET:
                return f"{who} is in this picture twice; is the first of these faces {who}?"
        return f"Is this {who}?"

    @property
    def facts(self) -> str:
        """How likely it is, what raised it, and what an answer settles."""
        settles = counted(self.suggestion.faces_settled, "face", "faces")
        likely = f"{self.suggestion.probability:.0%} likely"
        return f"{likely}, distance {self.suggestion.distance:.3f}; an answer settles {settles}"


def look_up(client: Client, suggestion: Suggestion) -> Question | None:
    """Return a question with whom and what it is about, None where that is gone."""
    try:
        faces = tuple(
            client.explain_face(face_id, max_neighbors=1, include_hidden=True).face
            for face_id in suggestion.face_ids[:_FACES]
        )
        people = tuple(client.get_person(person_id) for person_id in suggestion.person_ids)
    except NotFoundError:
        return None
    return Question(suggestion, faces, people)


def called(person: Person) -> str:
    """Return the name of a person, or what tells it from others without one."""
    return person.name or f"person {short(person.person_id)}"


def sides_table(question: Question) -> Table:
    """Return both sides of a question, a line for each face and person."""
    drawn = table("", "who", ">faces", ">assets", "born", "id")
    for face in question.faces:
        drawn.add_row("face", f"in {shown(face.asset_id)}", "", "", "", short(face.face_id))
    for number, person in enumerate(question.people):
        # Past the one that is asked about stands whom a face resembles more.
        also = question.suggestion.kind is not SuggestionKind.MERGE and number > 0
        drawn.add_row(
            "or rather" if also else "person",
            shown(person.name),
            str(person.face_count),
            str(person.asset_count),
            shown(person.birth_date),
            short(person.person_id),
        )
    return drawn


def suggestions_table(found: Iterable[Suggestion], names: Names) -> Table:
    """Return a table of suggestions."""
    drawn = table("kind", "people", "faces", ">distance", ">settles", "suggestion")
    for one in found:
        drawn.add_row(
            one.kind.name.lower().replace("_", " "),
            shown(", ".join(names.of(person_id) for person_id in one.person_ids)),
            _few(one.face_ids),
            f"{one.distance:.3f}",
            str(one.faces_settled),
            one.suggestion_id,
        )
    return drawn


def _few(face_ids: Sequence[str]) -> str:
    more = f" and {len(face_ids) - _FACES} more" if len(face_ids) > _FACES else ""
    return ", ".join(map(short, face_ids[:_FACES])) + more
