"""The calls about people and their faces."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask

from facefolk._calls.base import (
    UNCHANGED,
    Caller,
    Paged,
    Unary,
    Unchanged,
    changes,
    paged,
    unary,
)
from facefolk._convert import faces, people
from facefolk._convert.values import date_to_proto
from facefolk._pages import Page
from facefolk.errors import UsageError
from facefolk.types import (
    Assigned,
    Deleted,
    Face,
    Marked,
    MarkKind,
    Merged,
    Person,
    PersonOrder,
    Thumbnail,
)
from facefolk.v1 import people_pb2 as pb
from facefolk.v1 import resources_pb2


class PeopleCalls(Caller):
    """PeopleService."""

    @paged
    def list_people(
        self,
        *,
        name_query: str = "",
        order_by: PersonOrder = PersonOrder.FACE_COUNT,
        include_hidden: bool = False,
        page_size: int = 1000,
    ) -> Paged[Person]:
        """List people that have a name, are favorites or have enough faces.

        `name_query` is the beginning of any word of the name; case and accents do not matter.
        """
        request = pb.ListPeopleRequest(
            library_id=self.library_id,
            name_query=name_query,
            order_by=pb.PersonOrder.Name(order_by),
            include_hidden=include_hidden,
            page_size=page_size,
        )
        return Paged(lambda s: s.people.ListPeople, request, _person_page)

    @unary
    def get_person(self, person_id: str) -> Unary[Person]:
        """Answer one person."""
        request = pb.GetPersonRequest(library_id=self.library_id, person_id=person_id)
        return Unary(lambda s: s.people.GetPerson, request, people.person_from_proto)

    @unary
    def update_person(
        self,
        person_id: str,
        *,
        name: str | Unchanged = UNCHANGED,
        birth_date: date | Unchanged | None = UNCHANGED,
        hidden: bool | Unchanged = UNCHANGED,
        favorite: bool | Unchanged = UNCHANGED,
        feature_face_id: str | Unchanged = UNCHANGED,
        etag: str = "",
        request_id: str = "",
    ) -> Unary[Person]:
        """Change what is given; `None` takes the birth date away, `""` name or feature face.

        With an `etag` that is not the current one it is refused with ConflictError.
        """
        changed = changes(
            name=name,
            birth_date=birth_date
            if isinstance(birth_date, Unchanged)
            else date_to_proto(birth_date),
            hidden=hidden,
            favorite=favorite,
            feature_face_id=feature_face_id,
        )
        request = pb.UpdatePersonRequest(
            library_id=self.library_id,
            person=resources_pb2.Person(person_id=person_id, etag=etag, **changed),
            update_mask=FieldMask(paths=sorted(changed)),
            request_id=request_id or uuid.uuid4().hex,
        )
        return Unary(lambda s: s.people.UpdatePerson, request, people.person_from_proto)

    @unary
    def create_person(
        self, face_ids: Sequence[str], person: Person = Person(), *, request_id: str = ""
    ) -> Unary[Person]:
        """Create a person from faces; the name, birth date and flags are those given."""
        request = pb.CreatePersonRequest(
            library_id=self.library_id,
            person=people.person_to_proto(person),
            face_ids=face_ids,
            request_id=request_id or uuid.uuid4().hex,
        )
        return Unary(lambda s: s.people.CreatePerson, request, people.person_from_proto)

    @unary
    def merge_people(
        self, target_person_id: str, source_person_ids: Sequence[str], *, request_id: str = ""
    ) -> Unary[Merged]:
        """Move the faces of several people to one, and tell what could not be kept.

        A name and a birth date that the target has not are taken from the sources.
        """
        request = pb.MergePeopleRequest(
            library_id=self.library_id,
            target_person_id=target_person_id,
            source_person_ids=source_person_ids,
            request_id=request_id or uuid.uuid4().hex,
        )
        return Unary(lambda s: s.people.MergePeople, request, people.merged_from_proto)

    @unary
    def delete_person(
        self, person_id: str, *, erase: bool = False, etag: str = "", request_id: str = ""
    ) -> Unary[Deleted]:
        """Remove a person; its faces become unassigned, or are erased for good.

        With an `etag` that is not the current one it is refused with ConflictError.
        """
        request = pb.DeletePersonRequest(
            library_id=self.library_id,
            person_id=person_id,
            erase=erase,
            etag=etag,
            request_id=request_id or uuid.uuid4().hex,
        )
        return Unary(lambda s: s.people.DeletePerson, request, people.deleted_from_proto)

    @paged
    def list_faces(
        self,
        *,
        asset_id: str = "",
        person_id: str = "",
        unassigned: bool = False,
        include_embedding: bool = False,
        include_hidden: bool = False,
        page_size: int = 1000,
    ) -> Paged[Face]:
        """List the faces of an asset, of a person, or without a person; else all faces."""
        request = pb.ListFacesRequest(
            library_id=self.library_id,
            include_embedding=include_embedding,
            include_hidden=include_hidden,
            page_size=page_size,
            **_one_of(
                {"asset_id": asset_id, "person_id": person_id, "unassigned": unassigned},
                at_least=0,
            ),
        )
        return Paged(lambda s: s.people.ListFaces, request, _face_page)

    @paged
    def list_person_assets(
        self, person_id: str, *, include_hidden: bool = False, page_size: int = 1000
    ) -> Paged[str]:
        """List the ids of the assets that a person is in."""
        request = pb.ListPersonAssetsRequest(
            library_id=self.library_id,
            person_id=person_id,
            include_hidden=include_hidden,
            page_size=page_size,
        )
        return Paged(lambda s: s.people.ListPersonAssets, request, _asset_id_page)

    @unary
    def get_thumbnail(
        self, *, face_id: str = "", person_id: str = "", include_hidden: bool = False
    ) -> Unary[Thumbnail]:
        """Answer the picture of a face, or of a person by its feature face."""
        request = pb.GetThumbnailRequest(
            library_id=self.library_id,
            include_hidden=include_hidden,
            **_one_of({"face_id": face_id, "person_id": person_id}, at_least=1),
        )
        return Unary(lambda s: s.people.GetThumbnail, request, faces.thumbnail_from_proto)

    @unary
    def assign_faces(
        self,
        face_ids: Sequence[str],
        *,
        person_id: str = "",
        new_person: Person | None = None,
        request_id: str = "",
    ) -> Unary[Assigned]:
        """Assign faces by hand to a person, or to a new one; no round ever moves them."""
        target = {
            "person_id": person_id,
            "new_person": people.person_to_proto(new_person) if new_person else None,
        }
        request = pb.AssignFacesRequest(
            library_id=self.library_id,
            face_ids=face_ids,
            request_id=request_id or uuid.uuid4().hex,
            **_one_of(target, at_least=1),
        )
        return Unary(lambda s: s.people.AssignFaces, request, people.assigned_from_proto)

    @unary
    def unassign_faces(self, face_ids: Sequence[str], *, request_id: str = "") -> Unary[int]:
        """Take faces from their people and tell how many changed."""
        request = pb.UnassignFacesRequest(
            library_id=self.library_id,
            face_ids=face_ids,
            request_id=request_id or uuid.uuid4().hex,
        )
        return Unary(lambda s: s.people.UnassignFaces, request, _faces_changed)

    @unary
    def mark_faces(
        self,
        face_ids: Sequence[str],
        kind: MarkKind,
        *,
        person_id: str = "",
        request_id: str = "",
    ) -> Unary[Marked]:
        """Say something about faces that rounds obey; NONE takes it back.

        `person_id` goes with NOT_THIS_PERSON, and with NONE to take back that mark alone.
        """
        request = pb.MarkFacesRequest(
            library_id=self.library_id,
            face_ids=face_ids,
            kind=resources_pb2.MarkKind.Name(kind),
            person_id=person_id,
            request_id=request_id or uuid.uuid4().hex,
        )
        return Unary(lambda s: s.people.MarkFaces, request, people.marked_from_proto)


def _one_of(choices: Mapping[str, object], *, at_least: int) -> dict[str, Any]:
    # Set fields alone: an empty new_person is a choice, an empty string or False is none.
    given = {key: value for key, value in choices.items() if value not in ("", False, None)}
    if not at_least <= len(given) <= 1:
        how_many = "exactly" if at_least else "at most"
        raise UsageError(f"Give {how_many} one of {', '.join(choices)}.")
    return given


def _person_page(reply: pb.ListPeopleResponse) -> Page[Person]:
    items = tuple(people.person_from_proto(person) for person in reply.people)
    return Page(items, reply.next_page_token, reply.total_size)


def _face_page(reply: pb.ListFacesResponse) -> Page[Face]:
    items = tuple(faces.face_from_proto(face) for face in reply.faces)
    return Page(items, reply.next_page_token, reply.total_size)


def _asset_id_page(reply: pb.ListPersonAssetsResponse) -> Page[str]:
    return Page(tuple(reply.asset_ids), reply.next_page_token, reply.total_size)


def _faces_changed(reply: pb.UnassignFacesResponse) -> int:
    return reply.faces_changed
