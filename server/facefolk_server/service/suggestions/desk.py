"""The calls about questions."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from facefolk_server.service.call import Call
from facefolk_server.service.ledger_walks import view_of
from facefolk_server.service.libraries import Libraries
from facefolk_server.service.paging import Page, PageRequest, take_page
from facefolk_server.service.reading import Reading
from facefolk_server.service.resolved import Resolved
from facefolk_server.service.resolver import Resolver
from facefolk_server.service.round_input import RoundGround, gather
from facefolk_server.service.suggestions.album import album_of
from facefolk_server.service.suggestions.answers import answered, kind_of
from facefolk_server.service.suggestions.listing import (
    all_suggestions,
    links_of,
    rank,
)
from facefolk_server.service.suggestions.questions import (
    Answer,
    Suggestion,
    SuggestionKind,
    question_of,
)
from facefolk_server.service.views import EventView
from facefolk_server.store import Draft
from facefolk_server.store.answers import Pair

_Stand = tuple[int, int, Resolved]


@dataclass(frozen=True, slots=True, eq=False)
class _Snapshot:
    """What questions are made of; `ground` is None where they are made already."""

    stand: _Stand
    ground: RoundGround | None
    links: dict[Pair, float]


class Suggestions:
    """Lists questions and takes answers.

    The questions of each library are kept until something in it changes.
    """

    def __init__(
        self, libraries: Libraries, resolver: Resolver, *, clock: Callable[[], datetime]
    ) -> None:
        self._libraries = libraries
        self._resolver = resolver
        self._clock = clock
        self._kept: dict[str, tuple[_Stand, list[Suggestion]]] = {}
        self._making: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def list_suggestions(
        self,
        call: Call,
        page: PageRequest,
        *,
        kind: SuggestionKind | None = None,
        include_hidden: bool = False,
    ) -> Page[Suggestion]:
        """List questions, those first whose answers settle most faces.

        What was answered is not among them, nor what is asked again after the next round.

        Raises:
            InvalidRequestError: The page is not one of this list.
        """
        made = await self._made(call)

        def shown(reading: Reading) -> list[Suggestion]:
            return list(_shown(reading, made, include_hidden=include_hidden))

        asked = await self._libraries.read(call, shown)
        chosen = [one for one in asked if kind in (None, one.question.kind)]
        query = ("suggestions", call.library_id, kind, include_hidden)
        return take_page(chosen, page, key=rank, query=query)

    async def answer_suggestion(
        self, call: Call, suggestion_id: str, answer: Answer
    ) -> EventView | None:
        """Answer a question and return the event that became of it, None for LATER.

        Raises:
            SuggestionNotFoundError: It is not asked, or not any more.
        """
        question = question_of(suggestion_id)

        def decide(reading: Reading) -> Draft | None:
            return answered(reading, question, answer, now=self._clock())

        event = await self._libraries.change(call, kind_of(question, answer), decide)
        if event is None or answer is Answer.LATER:
            return None
        library = await self._libraries.library(call)
        return await self._libraries.run(call, lambda: view_of(library, event))

    async def _made(self, call: Call) -> list[Suggestion]:
        settings = await self._resolver.resolved(call)
        async with self._making[call.library_id]:
            known = self._kept.get(call.library_id)

            def look(reading: Reading) -> _Snapshot:
                changes = reading.library.faces(settings.pack).changes
                stand = (reading.state.sequence, changes, settings)
                if known is not None and known[0] == stand:
                    return _Snapshot(stand, None, {})
                return _Snapshot(stand, gather(reading, settings), links_of(reading))

            snapshot = await self._libraries.read(call, look)
            if snapshot.ground is None and known is not None:
                return known[1]
            ground = snapshot.ground

            def make() -> list[Suggestion]:
                assert ground is not None  # noqa: S101  # it is new
                return all_suggestions(album_of(ground, settings), snapshot.links)

            made = await self._libraries.run(call, make)
            self._kept[call.library_id] = (snapshot.stand, made)
            return made


def _shown(
    reading: Reading, made: Iterable[Suggestion], *, include_hidden: bool
) -> Iterable[Suggestion]:
    """Yield what is to be asked of people who are shown."""
    state = reading.state

    def is_shown(person_id: str) -> bool:
        person = state.people.get(person_id)
        return person is not None and (include_hidden or not person.hidden)

    for one in made:
        question = one.question
        if not all(map(is_shown, question.people)):
            continue
        if question.kind is SuggestionKind.MERGE and question.people in reading.apart:
            continue
        if question.digest not in state.answers.postponed:
            yield one if is_shown(one.also_like) else replace(one, also_like="")
