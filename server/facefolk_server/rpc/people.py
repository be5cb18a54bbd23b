"""The servicer of PeopleService."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

from facefolk.v1 import people_pb2 as pb
from facefolk.v1 import people_pb2_grpc, resources_pb2

from facefolk_server.rpc.context import Context, call_of
from facefolk_server.rpc.converters.checks import enum_from_proto
from facefolk_server.rpc.converters.erasures import erased_to_proto
from facefolk_server.rpc.converters.explanations import explanation_to_proto
from facefolk_server.rpc.converters.faces import face_to_proto
from facefolk_server.rpc.converters.history import event_to_proto
from facefolk_server.rpc.converters.marks import mark_kind_from_proto, mark_to_proto
from facefolk_server.rpc.converters.people import (
    assignee_from_proto,
    face_filter_from_proto,
    mask_from_proto,
    person_fields_from_proto,
    person_to_proto,
    required_id,
    thumbnail_subject_from_proto,
    thumbnail_to_proto,
)
from facefolk_server.rpc.converters.suggestions import suggestion_to_proto
from facefolk_server.rpc.readiness import Readiness
from facefolk_server.service.paging import PageRequest
from facefolk_server.service.people import PersonOrder
from facefolk_server.service.suggestions.questions import Answer, SuggestionKind


class PeopleServicer(people_pb2_grpc.PeopleServiceServicer):
    """People, their faces, what users say of them."""

    def __init__(self, readiness: Readiness) -> None:
        self._readiness = readiness

    async def ListPeople(
        self, request: pb.ListPeopleRequest, context: Context
    ) -> pb.ListPeopleResponse:
        """List people."""
        service, call = self._readiness.services.people, call_of(request, context)
        page = await service.list_people(
            call,
            PageRequest(request.page_size, request.page_token),
            name_query=request.name_query,
            order=enum_from_proto(
                request.order_by, PersonOrder, "order_by", default=PersonOrder.FACE_COUNT
            ),
            include_hidden=request.include_hidden,
        )
        return pb.ListPeopleResponse(
            people=[person_to_proto(person) for person in page.items],
            next_page_token=page.next_page_token,
            total_size=page.total_size,
        )

    async def GetPerson(
        self, request: pb.GetPersonRequest, context: Context
    ) -> resources_pb2.Person:
        """Answer one person."""
        service, call = self._readiness.services.people, call_of(request, context)
        person_id = required_id(request.person_id, "person_id")
        return person_to_proto(await service.get_person(call, person_id))

    async def UpdatePerson(
        self, request: pb.UpdatePersonRequest, context: Context
    ) -> resources_pb2.Person:
        """Change a person's record."""
        service, call = self._readiness.services.people, call_of(request, context)
        view = await service.update_person(
            call,
            required_id(request.person.person_id, "person.person_id"),
            person_fields_from_proto(request.person),
            mask=mask_from_proto(request.update_mask),
            etag=request.person.etag,
        )
        return person_to_proto(view)

    async def ListFaces(
        self, request: pb.ListFacesRequest, context: Context
    ) -> pb.ListFacesResponse:
        """List faces."""
        service, call = self._readiness.services.faces, call_of(request, context)
        page = await service.list_faces(
            call,
            PageRequest(request.page_size, request.page_token),
            which=face_filter_from_proto(request),
            include_embedding=request.include_embedding,
            include_hidden=request.include_hidden,
        )
        return pb.ListFacesResponse(
            faces=[face_to_proto(face) for face in page.items],
            next_page_token=page.next_page_token,
            total_size=page.total_size,
        )

    async def ListPersonAssets(
        self, request: pb.ListPersonAssetsRequest, context: Context
    ) -> pb.ListPersonAssetsResponse:
        """List the assets a person is in."""
        service, call = self._readiness.services.faces, call_of(request, context)
        page = await service.list_person_assets(
            call,
            required_id(request.person_id, "person_id"),
            PageRequest(request.page_size, request.page_token),
            include_hidden=request.include_hidden,
        )
        return pb.ListPersonAssetsResponse(
            asset_ids=page.items,
            next_page_token=page.next_page_token,
            total_size=page.total_size,
        )

    async def AssignFaces(
        self, request: pb.AssignFacesRequest, context: Context
    ) -> pb.AssignFacesResponse:
        """Assign faces by hand."""
        service, call = self._readiness.services.hands, call_of(request, context)
        person_id, new_person = assignee_from_proto(request)
        assigned = await service.assign_faces(
            call, request.face_ids, person_id=person_id, new_person=new_person
        )
        return pb.AssignFacesResponse(
            person=person_to_proto(assigned.person), faces_changed=assigned.faces_changed
        )

    async def UnassignFaces(
        self, request: pb.UnassignFacesRequest, context: Context
    ) -> pb.UnassignFacesResponse:
        """Take faces from their people."""
        service, call = self._readiness.services.hands, call_of(request, context)
        changed = await service.unassign_faces(call, request.face_ids)
        return pb.UnassignFacesResponse(faces_changed=changed)

    async def GetThumbnail(
        self, request: pb.GetThumbnailRequest, context: Context
    ) -> pb.GetThumbnailResponse:
        """Answer the picture of a face or of a person."""
        service, call = self._readiness.services.faces, call_of(request, context)
        face_id, person_id = thumbnail_subject_from_proto(request)
        thumbnail = await service.thumbnail(
            call, face_id=face_id, person_id=person_id, include_hidden=request.include_hidden
        )
        return thumbnail_to_proto(thumbnail)

    async def CreatePerson(
        self, request: pb.CreatePersonRequest, context: Context
    ) -> resources_pb2.Person:
        """Create a person from faces."""
        service, call = self._readiness.services.hands, call_of(request, context)
        fields = person_fields_from_proto(request.person)
        return person_to_proto(await service.create_person(call, fields, request.face_ids))

    async def MergePeople(
        self, request: pb.MergePeopleRequest, context: Context
    ) -> pb.MergePeopleResponse:
        """Move the faces of several people to one."""
        service, call = self._readiness.services.people, call_of(request, context)
        target = required_id(request.target_person_id, "target_person_id")
        merged = await service.merge_people(call, target, request.source_person_ids)
        return pb.MergePeopleResponse(
            person=person_to_proto(merged.person), conflicts=merged.conflicts
        )

    async def DeletePerson(
        self, request: pb.DeletePersonRequest, context: Context
    ) -> pb.DeletePersonResponse:
        """Remove a person, or erase one for good."""
        services, call = self._readiness.services, call_of(request, context)
        person_id = required_id(request.person_id, "person_id")
        if request.erase:
            receipt = await services.erasure.erase_person(call, person_id, etag=request.etag)
            return erased_to_proto(receipt)
        changed = await services.people.delete_person(call, person_id, etag=request.etag)
        return pb.DeletePersonResponse(faces_changed=changed)

    async def MarkFaces(
        self, request: pb.MarkFacesRequest, context: Context
    ) -> pb.MarkFacesResponse:
        """Say something about faces that rounds obey."""
        service, call = self._readiness.services.hands, call_of(request, context)
        marked = await service.mark_faces(
            call,
            request.face_ids,
            mark_kind_from_proto(request.kind),
            person_id=request.person_id,
        )
        return pb.MarkFacesResponse(
            marks=[mark_to_proto(mark) for mark in marked.marks],
            contradictions=marked.contradictions,
        )

    async def ListSuggestions(
        self, request: pb.ListSuggestionsRequest, context: Context
    ) -> pb.ListSuggestionsResponse:
        """List questions, those first whose answers settle most faces."""
        service, call = self._readiness.services.suggestions, call_of(request, context)
        page = await service.list_suggestions(
            call,
            PageRequest(request.page_size, request.page_token),
            kind=enum_from_proto(request.kind, SuggestionKind, "kind")
            if request.kind
            else None,
            include_hidden=request.include_hidden,
        )
        return pb.ListSuggestionsResponse(
            suggestions=[suggestion_to_proto(one) for one in page.items],
            next_page_token=page.next_page_token,
            total_size=page.total_size,
        )

    async def AnswerSuggestion(
        self, request: pb.AnswerSuggestionRequest, context: Context
    ) -> pb.AnswerSuggestionResponse:
        """Answer a question."""
        service, call = self._readiness.services.suggestions, call_of(request, context)
        view = await service.answer_suggestion(
            call,
            required_id(request.suggestion_id, "suggestion_id"),
            enum_from_proto(request.answer, Answer, "answer"),
        )
        return pb.AnswerSuggestionResponse(event=event_to_proto(view) if view else None)

    async def ExplainFace(
        self, request: pb.ExplainFaceRequest, context: Context
    ) -> pb.ExplainFaceResponse:
        """Tell why a face is where it is."""
        service, call = self._readiness.services.explanations, call_of(request, context)
        explanation = await service.explain_face(
            call,
            required_id(request.face_id, "face_id"),
            max_neighbors=request.max_neighbors,
            include_hidden=request.include_hidden,
        )
        return explanation_to_proto(explanation)

    async def ListEvents(
        self, request: pb.ListEventsRequest, context: Context
    ) -> pb.ListEventsResponse:
        """List the history, the newest first."""
        service, call = self._readiness.services.history, call_of(request, context)
        page = await service.list_events(
            call,
            PageRequest(request.page_size, request.page_token),
            person_id=request.person_id,
        )
        return pb.ListEventsResponse(
            events=[event_to_proto(view) for view in page.items],
            next_page_token=page.next_page_token,
        )

    async def WatchEvents(
        self, request: pb.WatchEventsRequest, context: Context
    ) -> AsyncIterator[pb.WatchEventsResponse]:
        """Tell every event after the one named, as they happen."""
        service, call = self._readiness.services.history, call_of(request, context)
        told = service.watch_events(call, request.after_event_id)
        async with aclosing(self._readiness.until_draining(told)) as events:
            async for view in events:
                yield pb.WatchEventsResponse(event=event_to_proto(view))

    async def UndoEvent(self, request: pb.UndoEventRequest, context: Context) -> pb.Event:
        """Restore what an event changed."""
        service, call = self._readiness.services.history, call_of(request, context)
        return event_to_proto(await service.undo_event(call, request.event_id))
