"""What the words of a command mean: ids, beginnings of ids, and names of people."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer

from facefolk.cli.screen import counted
from facefolk.errors import NotFoundError, UsageError
from facefolk.types import Person

if TYPE_CHECKING:
    from facefolk import Client

_FACE_ID_LENGTH: Final = 26
_ROUND_ID_LENGTH: Final = 22
_SHORT: Final = 10
_CANDIDATES: Final = 5

PersonWord = Annotated[
    str, typer.Argument(metavar="PERSON", help="A name, an id, or how one of them begins.")
]
FaceWords = Annotated[
    list[str], typer.Argument(metavar="FACE...", help="Ids of faces, or how they begin.")
]


class Names:
    """Names of people by id, asked for once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: dict[str, str] = {}

    def of(self, person_id: str) -> str:
        """Return the name, or the beginning of the id where there is none."""
        if person_id not in self._known:
            self._known[person_id] = self._asked(person_id)
        return self._known[person_id]

    def _asked(self, person_id: str) -> str:
        try:
            return self._client.get_person(person_id).name or short(person_id)
        except NotFoundError:  # merged or gone meanwhile
            return short(person_id)


def short(some_id: str) -> str:
    """Return the beginning of an id, enough to tell it by."""
    return some_id[:_SHORT]


def find_person(client: Client, word: str) -> Person:
    """Return the person that an id, the beginning of one, or a name stands for.

    A name as it is written goes before one that differs by case or accents, that before the
    beginning of an id, and that before the beginning of a word of a name.

    Raises:
        NotFoundError: it stands for nobody.
        UsageError: it stands for several people; the message names them.
    """
    if not word.strip():
        raise UsageError("An empty word stands for nobody; give a name or an id.")
    try:
        return client.get_person(word)
    except NotFoundError as error:
        if "merged_into" in error.metadata:
            raise
    named = tuple(client.list_people(name_query=word, include_hidden=True))
    wanted = _folded(word)
    found = [person for person in named if person.name == word]
    found = found or [person for person in named if _folded(person.name) == wanted]
    found = found or _begun(client, word) or list(named)
    if not found:
        raise NotFoundError(
            f"{word!r} is neither a name nor an id of anybody; 'facefolk people' lists who "
            "there is, with --hidden everybody.",
            reason="PERSON_NOT_FOUND",
        )
    _refuse_many(word, [_described(person) for person in found])
    return found[0]


def find_faces(client: Client, words: Sequence[str]) -> list[str]:
    """Return the ids of faces that whole ids or beginnings stand for.

    Raises:
        NotFoundError: one stands for no face.
        UsageError: one stands for several faces; the message names them.
    """
    if all(len(word) >= _FACE_ID_LENGTH for word in words):
        return list(words)
    ids = (face.face_id for face in client.list_faces(include_hidden=True))
    found = _completed(words, ids)
    return [_only(word, found[word], "face", "facefolk faces") for word in words]


def find_round(client: Client, word: str) -> str:
    """Return the id of a round that it or its beginning stands for.

    Raises:
        NotFoundError: it stands for no round.
        UsageError: it stands for several rounds; the message names them.
    """
    if len(word) >= _ROUND_ID_LENGTH:
        return word
    found = _completed([word], (one.round_id for one in client.list_rounds()))
    return _only(word, found[word], "round", "facefolk rounds")


def _begun(client: Client, word: str) -> list[Person]:
    listed = client.list_people(include_hidden=True)
    found = (person for person in listed if person.person_id.startswith(word))
    return list(itertools.islice(found, _CANDIDATES + 1))


def _completed(words: Iterable[str], ids: Iterable[str]) -> dict[str, list[str]]:
    """Return the ids that begin with each word, or the one that it is."""
    found: dict[str, list[str]] = {word: [] for word in words if word}
    for one in ids:
        for word, begun in found.items():
            if one == word:
                begun[:] = [one]
            elif one.startswith(word) and word not in begun and len(begun) <= _CANDIDATES:
                begun.append(one)
    return {"": [], **found}


def _only(word: str, found: Sequence[str], what: str, command: str) -> str:
    if not found:
        raise NotFoundError(
            f"No {what} has the id {word!r}, or one that begins so; '{command}' lists them.",
            reason=f"{what.upper()}_NOT_FOUND",
        )
    _refuse_many(word, found)
    return found[0]


def _refuse_many(word: str, described: Sequence[str]) -> None:
    if len(described) > 1:
        several = "; ".join(described[:_CANDIDATES])
        more = "; and more" if len(described) > _CANDIDATES else ""
        raise UsageError(
            f"{word!r} may be any of these; say which one by its id: {several}{more}."
        )


def _described(person: Person) -> str:
    faces = counted(person.face_count, "face", "faces")
    return f"{person.name or 'without a name'} ({person.person_id}, {faces})"


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())
