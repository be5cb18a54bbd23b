"""The calls about the history, suggestions, and why faces are where they are."""

from __future__ import annotations

import uuid

from facefolk._calls.base import Caller, Paged, Streamed, Unary, paged, streamed, unary
from facefolk._convert import history, suggestions
from facefolk._pages import Page
from facefolk.types import Event, Explanation, Suggestion, SuggestionAnswer, SuggestionKind
from facefolk.v1 import people_pb2 as pb

PATIENCE_SECONDS = 60.0


class HistoryCalls(Caller):
    """PeopleService: what was done, what is asked, and why."""

    @paged
    def list_events(self, *, person_id: str = "", page_size: int = 100) -> Paged[Event]:
        """List events, the newest first; those that touched a person where it is given."""
        request = pb.ListEventsRequest(
            library_id=self.library_id, person_id=person_id, page_size=page_size
        )
        return Paged(lambda s: s.people.ListEvents, request, _event_page)

    @streamed
    def watch_events(
        self, *, after_event_id: int = 0, patience_seconds: float = PATIENCE_SECONDS
    ) -> Streamed[Event]:
        """Tell every event after one, 0 for all, and go on with those that happen.

        A server that goes away is waited for so long; then it goes on after the last event
        told, so that none is missed or told twice.
        """
        library_id = self.library_id

        def after(event_id: int) -> pb.WatchEventsRequest:
            return pb.WatchEventsRequest(library_id=library_id, after_event_id=event_id)

        return Streamed(
            lambda s: s.people.WatchEvents,
            after(after_event_id),
            lambda reply: history.event_from_proto(reply.event),
            go_on=lambda reply: after(reply.event.event_id),
            patience_seconds=patience_seconds,
        )

    @unary
    def undo_event(self, event_id: int, *, request_id: str = "") -> Unary[Event]:
        """Restore what an event changed, and answer the event that this is.

        Where later events are in the way it is refused with PreconditionError, which names
        them.
        """
        request = pb.UndoEventRequest(
            library_id=self.library_id,
            event_id=event_id,
            request_id=request_id or uuid.uuid4().hex,
        )
        return Unary(lambda s: s.people.UndoEvent, request, history.event_from_proto)

    @paged
    def list_suggestions(
        self,
        *,
        kind: SuggestionKind = SuggestionKind.UNSPECIFIED,
        include_hidden: bool = False,
        page_size: int = 100,
    ) -> Paged[Suggestion]:
        """List questions, those first whose answers settle most faces."""
        request = pb.ListSuggestionsRequest(
            library_id=self.library_id,
            kind=pb.SuggestionKind.Name(kind),
            include_hidden=include_hidden,
            page_size=page_size,
        )
        return Paged(lambda s: s.people.ListSuggestions, request, _suggestion_page)

    @unary
    def answer_suggestion(
        self, suggestion_id: str, answer: SuggestionAnswer, *, request_id: str = ""
    ) -> Unary[Event | None]:
        """Answer a question, and answer the event that became of it, None for LATER.

        One that is settled by now raises NotFoundError.
        """
        request = pb.AnswerSuggestionRequest(
            library_id=self.library_id,
            suggestion_id=suggestion_id,
            answer=pb.SuggestionAnswer.Name(answer),
            request_id=request_id or uuid.uuid4().hex,
        )
        return Unary(
            lambda s: s.people.AnswerSuggestion, request, history.answer_event_from_proto
        )

    @unary
    def explain_face(
        self, face_id: str, *, max_neighbors: int = 20, include_hidden: bool = False
    ) -> Unary[Explanation]:
        """Tell why a face is where it is."""
        request = pb.ExplainFaceRequest(
            library_id=self.library_id,
            face_id=face_id,
            max_neighbors=max_neighbors,
            include_hidden=include_hidden,
        )
        return Unary(
            lambda s: s.people.ExplainFace, request, suggestions.explanation_from_proto
        )


def _event_page(reply: pb.ListEventsResponse) -> Page[Event]:
    items = tuple(history.event_from_proto(event) for event in reply.events)
    return Page(items, reply.next_page_token)


def _suggestion_page(reply: pb.ListSuggestionsResponse) -> Page[Suggestion]:
    items = tuple(suggestions.suggestion_from_proto(one) for one in reply.suggestions)
    return Page(items, reply.next_page_token, reply.total_size)
