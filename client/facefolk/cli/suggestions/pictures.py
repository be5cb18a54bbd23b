"""The faces of a question as a page to look at."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from facefolk.cli.suggestions.questions import Question, called
from facefolk.errors import NotFoundError
from facefolk.report.gathering import best, picture_of
from facefolk.report.page import render_question, write_page
from facefolk.report.sheet import QuestionPage, Row
from facefolk.types import Person, SuggestionKind

if TYPE_CHECKING:
    from facefolk import Client

_PICTURES: Final = 12


class Album:
    """Writes a page for each question into a folder."""

    def __init__(self, client: Client, folder: Path) -> None:
        self._client = client
        self._folder = folder

    def write(self, question: Question, number: int) -> Path:
        """Write the page of a question, anew where it is asked again; return where it is."""
        path = (self._folder / f"question-{number}.html").resolve()
        write_page(render_question(self._page(question)), path)
        return path

    def _page(self, question: Question) -> QuestionPage:
        pictures = tuple(picture_of(self._client, face) for face in question.faces)
        shown = [("This face", pictures[:1]), ("In the same picture", pictures[1:])]
        if question.suggestion.kind is SuggestionKind.MERGE:
            shown = [("Nearest to the other", pictures[:2]), ("Between the two", pictures[2:])]
        asked = tuple(Row(title, len(some), some) for title, some in shown if some)
        people = tuple(self._row(person) for person in question.people)
        return QuestionPage(question.text, question.facts, (*asked, *people))

    def _row(self, person: Person) -> Row:
        listed = self._client.list_faces(
            person_id=person.person_id, include_hidden=True, page_size=100
        )
        try:
            faces = best(next(iter(listed.pages())).items)[:_PICTURES]
        except NotFoundError:
            faces = ()
        pictures = tuple(picture_of(self._client, face) for face in faces)
        return Row(called(person), person.face_count, pictures, person.asset_count)


@contextmanager
def album(client: Client, folder: Path | None, *, seen: bool) -> Iterator[Album | None]:
    """Make an album in a folder, or in one that goes afterwards where pages can be `seen`."""
    if folder is not None:
        yield Album(client, folder)
    elif seen:
        with tempfile.TemporaryDirectory(prefix="facefolk-") as made:
            yield Album(client, Path(made))
    else:
        yield None
