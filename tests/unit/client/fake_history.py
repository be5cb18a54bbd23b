"""The half of PeopleService that is about the past and about questions, faked."""

# ruff: noqa: N802  # the methods have the names of the API
from __future__ import annotations

import grpc
from facefolk.v1 import people_pb2, people_pb2_grpc, resources_pb2
from google.rpc import code_pb2
from grpc_status import rpc_status
from unit.client.fake_world import World, page, status


class History(people_pb2_grpc.PeopleServiceServicer):
    def __init__(self, world: World) -> None:
        self.world = world

    def ListSuggestions(self, request, context):
        asked = [s for s in self.world.suggestions.values() if request.kind in (0, s.kind)]
        suggestions, token = page(asked, request)
        return people_pb2.ListSuggestionsResponse(
            suggestions=suggestions, next_page_token=token, total_size=len(asked)
        )

    def AnswerSuggestion(self, request, context):
        if request.suggestion_id not in self.world.suggestions:
            self._refuse(context, "suggestion", request.suggestion_id)
        if request.answer == people_pb2.SUGGESTION_ANSWER_LATER:
            return people_pb2.AnswerSuggestionResponse()
        asked = self.world.suggestions.pop(request.suggestion_id)
        event = self.world.add_event("faces_assigned", *asked.person_ids)
        self.world.answered[event.event_id] = asked
        return people_pb2.AnswerSuggestionResponse(event=event)

    def ExplainFace(self, request, context):
        if request.face_id not in self.world.faces:
            self._refuse(context, "face", request.face_id)
        return people_pb2.ExplainFaceResponse(
            face=self.world.faces[request.face_id],
            core=True,
            neighbor_count=3,
            neighbors=[
                people_pb2.ExplainFaceResponse.Neighbor(
                    face_id="p1-0", person_id="p1", distance=0.25, core=True, lends=True
                )
            ],
            round=resources_pb2.Round(round_id="r0"),
            vetoes=["It is marked as not being person p_ada."],
            marks=[
                resources_pb2.Mark(face_id=request.face_id, kind=2, person_id="p2"),
            ],
        )

    def ListEvents(self, request, context):
        touched = [
            event
            for event in reversed(self.world.events)
            if not request.person_id or request.person_id in event.person_ids
        ]
        events, token = page(touched, request)
        return people_pb2.ListEventsResponse(events=events, next_page_token=token)

    def WatchEvents(self, request, context):
        world = self.world
        with world.lock:
            world.watches.append(request)
            end = world.watch_ends.popleft() if world.watch_ends else None
        later = [event for event in world.events if event.event_id > request.after_event_id]
        for event in later[:end]:
            yield people_pb2.WatchEventsResponse(event=event)
        if end is not None:
            context.abort(grpc.StatusCode.UNAVAILABLE, "going away")

    def UndoEvent(self, request, context):
        found = [event for event in self.world.events if event.event_id == request.event_id]
        if not found:
            self._refuse(context, "event", str(request.event_id))
        found[0].undoable = False
        if request.event_id in self.world.answered:
            asked = self.world.answered.pop(request.event_id)
            self.world.suggestions[asked.suggestion_id] = asked
        undoing = self.world.add_event("undone", *found[0].person_ids)
        undoing.undone_event_id = request.event_id
        return undoing

    def _person(self, person_id: str, context) -> resources_pb2.Person:
        if person_id not in self.world.people:
            refusal = status(
                code_pb2.NOT_FOUND,
                f"There is no person {person_id}.",
                "PERSON_NOT_FOUND",
                person_id=person_id,
            )
            context.abort_with_status(rpc_status.to_status(refusal))
        return self.world.people[person_id]

    def _refuse(self, context, what: str, its_id: str) -> None:
        refusal = status(
            code_pb2.NOT_FOUND, f"There is no {what} {its_id}.", f"{what.upper()}_NOT_FOUND"
        )
        context.abort_with_status(rpc_status.to_status(refusal))
