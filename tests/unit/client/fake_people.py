"""PeopleService, faked."""

# ruff: noqa: N802  # the methods have the names of the API
from __future__ import annotations

import unicodedata

from facefolk.v1 import people_pb2, resources_pb2
from unit.client.fake_history import History
from unit.client.fake_world import page


class People(History):
    def ListPeople(self, request, context):
        listed = [
            person
            for person in self.world.people.values()
            if (request.include_hidden or not person.hidden)
            and _begins(person.name, request.name_query)
        ]
        people, token = page(listed, request)
        return people_pb2.ListPeopleResponse(
            people=people, next_page_token=token, total_size=len(listed)
        )

    def GetPerson(self, request, context):
        return self._person(request.person_id, context)

    def UpdatePerson(self, request, context):
        person = self._person(request.person.person_id, context)
        for path in request.update_mask.paths:
            person.ClearField(path)
        changes = resources_pb2.Person()
        request.update_mask.MergeMessage(request.person, changes)
        person.MergeFrom(changes)
        return person

    def CreatePerson(self, request, context):
        person_id = f"p{len(self.world.people) + 1}"
        self.world.add_person(person_id, 0, name=request.person.name)
        return self.world.people[person_id]

    def MergePeople(self, request, context):
        target = self._person(request.target_person_id, context)
        for person_id in request.source_person_ids:
            source = self._person(person_id, context)
            target.face_count += source.face_count
            del self.world.people[person_id]
        return people_pb2.MergePeopleResponse(
            person=target, conflicts=["The birth date of p2 was not kept."]
        )

    def DeletePerson(self, request, context):
        person = self._person(request.person_id, context)
        del self.world.people[request.person_id]
        return people_pb2.DeletePersonResponse(
            erasure_id="e1" if request.erase else "", faces_changed=person.face_count
        )

    def ListFaces(self, request, context):
        chosen = [face for face in self.world.faces.values() if _chosen(face, request)]
        if not request.include_embedding:
            chosen = [_without_embedding(face) for face in chosen]
        faces, token = page(chosen, request)
        return people_pb2.ListFacesResponse(
            faces=faces, next_page_token=token, total_size=len(chosen)
        )

    def ListPersonAssets(self, request, context):
        ids = [
            f.asset_id for f in self.world.faces.values() if f.person_id == request.person_id
        ]
        chosen, token = page(ids, request)
        return people_pb2.ListPersonAssetsResponse(
            asset_ids=chosen, next_page_token=token, total_size=len(ids)
        )

    def AssignFaces(self, request, context):
        person = (
            request.new_person
            if request.HasField("new_person")
            else self._person(request.person_id, context)
        )
        return people_pb2.AssignFacesResponse(
            person=person, faces_changed=len(request.face_ids)
        )

    def UnassignFaces(self, request, context):
        return people_pb2.UnassignFacesResponse(faces_changed=len(request.face_ids))

    def MarkFaces(self, request, context):
        marks = [
            resources_pb2.Mark(face_id=face_id, kind=request.kind, person_id=request.person_id)
            for face_id in request.face_ids
            if request.kind != resources_pb2.MARK_KIND_NONE
        ]
        return people_pb2.MarkFacesResponse(
            marks=marks, contradictions=["Face p1-0 was assigned to p1 by hand."]
        )

    def GetThumbnail(self, request, context):
        return people_pb2.GetThumbnailResponse(
            image=resources_pb2.Image(data=self.world.thumbnail),
            face_id=request.face_id or f"{request.person_id}-0",
        )


def _begins(name: str, query: str) -> bool:
    name, query = (unicodedata.normalize("NFKD", text) for text in (name, query))
    name, query = (text.replace("\u0308", "") for text in (name, query))
    words = name.casefold().split()
    return all(
        any(word.startswith(part) for word in words) for part in query.casefold().split()
    )


def _chosen(face: resources_pb2.Face, request: people_pb2.ListFacesRequest) -> bool:
    match request.WhichOneof("filter"):
        case "asset_id":
            return face.asset_id == request.asset_id
        case "person_id":
            return face.person_id == request.person_id
        case "unassigned":
            return not face.person_id
    return True


def _without_embedding(face: resources_pb2.Face) -> resources_pb2.Face:
    plain = resources_pb2.Face()
    plain.CopyFrom(face)
    plain.ClearField("embedding")
    return plain
