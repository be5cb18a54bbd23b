"""What can be asked."""

from __future__ import annotations

import base64
import binascii
import enum
import hashlib
import json
from dataclasses import dataclass

from facefolk_server.errors import SuggestionNotFoundError
from facefolk_server.store.answers import pair_of


class SuggestionKind(enum.IntEnum):
    """The kind of a question; the numbers are those of the API."""

    MERGE = 1
    DOUBTFUL_FACE = 2
    OUTLIER = 3
    SAME_ASSET = 4


class Answer(enum.IntEnum):
    """An answer; the numbers are those of the API."""

    YES = 1
    NO = 2
    LATER = 3


@dataclass(frozen=True, slots=True)
class Question:
    """What makes two questions the same: the kind and whom and which faces it is about.

    MERGE is about two people, in order; the others about one person, the first of `faces`
    being the one in question. SAME_ASSET goes on with the person's other faces in the
    picture.
    """

    kind: SuggestionKind
    people: tuple[str, ...]
    faces: tuple[str, ...] = ()

    @property
    def suggestion_id(self) -> str:
        """The id, which says all of it."""
        told = json.dumps([int(self.kind), self.people, self.faces], separators=(",", ":"))
        return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")

    @property
    def digest(self) -> str:
        """What stands for the question where no id may be written down."""
        return hashlib.sha256(self.suggestion_id.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question with what raised it.

    `faces_shown` begin with those of the question; `also_like` is somebody else whom a
    doubtful face resembles more. `distance` is a cosine distance, 0..2, `faces_settled` how
    many faces an answer would settle, and `probability` (0..1) how likely they are one person.
    """

    question: Question
    distance: float
    faces_settled: int
    probability: float
    faces_shown: tuple[str, ...] = ()
    also_like: str = ""

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody the suggestion tells of."""
        also = (self.also_like,) if self.also_like else ()
        return (*self.question.people, *also)


def merge_of(person_id: str, other_id: str) -> Question:
    """Return the question whether two people are one."""
    return Question(SuggestionKind.MERGE, pair_of(person_id, other_id))


def question_of(suggestion_id: str) -> Question:
    """Return the question of an id.

    Raises:
        SuggestionNotFoundError: It is the id of none.
    """
    try:
        padded = suggestion_id + "=" * (-len(suggestion_id) % 4)
        kind, people, faces = json.loads(
            base64.b64decode(padded, altchars=b"-_", validate=True)
        )
        question = Question(SuggestionKind(kind), tuple(people), tuple(faces))
    except (ValueError, TypeError, binascii.Error, RecursionError) as exc:
        raise no_suggestion(suggestion_id) from exc
    ids = (*question.people, *question.faces)
    is_merge = question.kind is SuggestionKind.MERGE
    fits = (len(question.people), bool(question.faces)) == (
        (2, False) if is_merge else (1, True)
    )
    fits = fits and all(isinstance(one, str) and one for one in ids)
    question = merge_of(*question.people) if fits and is_merge else question
    if not fits or question.suggestion_id != suggestion_id:
        raise no_suggestion(suggestion_id)
    return question


def no_suggestion(suggestion_id: str) -> SuggestionNotFoundError:
    """Return the error that tells of a question that is not asked, or not any more."""
    return SuggestionNotFoundError(
        "There is no such suggestion, or what it asks is settled by now: list them again.",
        suggestion_id=suggestion_id[:128],
    )
