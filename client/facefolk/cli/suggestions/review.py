"""Going through questions one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from rich.text import Text

from facefolk.cli.screen import counted
from facefolk.cli.session import Session
from facefolk.cli.suggestions.keys import Key
from facefolk.cli.suggestions.pictures import Album
from facefolk.cli.suggestions.questions import look_up, sides_table
from facefolk.errors import NotFoundError, PreconditionError
from facefolk.types import Event, Suggestion, SuggestionAnswer

ANSWERS: Final = {
    Key.YES: SuggestionAnswer.YES,
    Key.NO: SuggestionAnswer.NO,
    Key.LATER: SuggestionAnswer.LATER,
}
_PROMPT: Final = "[y]es  [n]o  [l]ater  [u]ndo  [q]uit? "
_SETTLED: Final = "That is settled by now."


@dataclass(frozen=True, slots=True)
class _Answered:
    suggestion: Suggestion
    key: Key
    event: Event | None


@dataclass
class Review:
    """One sitting: asks, sends answers, takes them back.

    Args:
        album: writes a page for each question, None for none.
        read: returns the next key, None for one that means nothing.
    """

    given: Session
    album: Album | None
    read: Callable[[], Key | None]
    _answered: list[_Answered] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)

    def run(self, suggestions: Iterable[Suggestion]) -> str:
        """Go through suggestions until the end or QUIT, and return what was done."""
        coming = iter(suggestions)
        again: list[Suggestion] = []
        while (current := again.pop() if again else next(coming, None)) is not None:
            if not self._show(current):
                continue
            key = self._key()
            if key is Key.QUIT:
                break
            if key is Key.UNDO:
                again.append(current)
                if (back := self._take_back()) is not None:
                    again.append(back)
            else:
                self._answer(current, key)
        if not self._numbers:
            return "There is nothing to ask."
        return self._summary()

    def _show(self, suggestion: Suggestion) -> bool:
        question = look_up(self.given.client, suggestion)
        if question is None:
            return False
        # Asked again after an undo, a question keeps its number.
        number = self._numbers.setdefault(suggestion.suggestion_id, len(self._numbers) + 1)
        screen = self.given.screen
        screen.print("")
        screen.print(Text(f"{number}. {question.text}", style="bold"))
        screen.print(Text(f"   {question.facts}"))
        screen.print(sides_table(question))
        if self.album is not None:
            screen.print(_link(self.album.write(question, number)))
        return True

    def _key(self) -> Key:
        screen = self.given.screen
        while True:
            screen.ask(_PROMPT)
            key = self.read()
            screen.print(key.value if key else "")
            if key is not None:
                return key

    def _answer(self, suggestion: Suggestion, key: Key) -> None:
        try:
            event = self.given.client.answer_suggestion(suggestion.suggestion_id, ANSWERS[key])
        except NotFoundError:
            self.given.screen.note(_SETTLED)
            return
        self._answered.append(_Answered(suggestion, key, event))

    def _take_back(self) -> Suggestion | None:
        if not self._answered:
            self.given.screen.note("No answer is left to take back.")
            return None
        last = self._answered[-1]
        if last.event is not None:
            try:
                self.given.client.undo_event(last.event.event_id)
            except PreconditionError as error:
                self.given.screen.note(error.message, style="yellow")
                return None
        self._answered.pop()
        return last.suggestion

    def _summary(self) -> str:
        keys = Counter(one.key for one in self._answered)
        parts = [f"{keys[key]} {key.value}" for key in ANSWERS if keys[key]]
        answered = counted(len(self._answered), "question", "questions") + " answered"
        return f"{answered}: {', '.join(parts)}." if parts else f"{answered}."


def _link(page: Path) -> Text:
    return Text.assemble("pictures: ", (str(page), f"link {page.as_uri()}"))
