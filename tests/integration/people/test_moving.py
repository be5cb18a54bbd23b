"""The people of an album move to another server, before its pictures or after them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from facefolk.v1.admin_pb2 import (
    IMPORT_FORMAT_JSON_LINES,
    ExportPeopleRequest,
    ImportPeopleRequest,
    ImportPeopleResponse,
)
from facefolk.v1.recognition_pb2 import ASSET_FILTER_STALE
from facefolk.v1.resources_pb2 import (
    ASSIGNMENT_AUTOMATIC,
    ASSIGNMENT_MANUAL,
    MARK_KIND_NOT_THIS_PERSON,
    Person,
)
from google.type.date_pb2 import Date
from grpc import StatusCode
from integration.people.album import TEMPLATE, Album, ids, ingest
from integration.servers import ServerFactory, ServerProcess
from integration.wire import Api, refusal

pytestmark = [pytest.mark.models, pytest.mark.slow]
NAMES = ["amy", "bernadette", "howard", "leonard", "penny", "raj", "sheldon", "stuart"]

# Who each face is, by what says the same on both servers: its asset and where it is.
Placed = dict[tuple[str, int, int], tuple[str, int]]


@pytest.fixture(scope="module")
def other_server(
    tmp_path_factory: pytest.TempPathFactory, server_environment: dict[str, str]
) -> Iterator[ServerProcess]:
    factory = ServerFactory(tmp_path_factory.mktemp("other"), server_environment)
    started = factory().start()
    yield started
    factory.close()


@pytest.fixture
def elsewhere(
    other_server: ServerProcess,
) -> Iterator[Callable[[str], Album]]:
    """Makes libraries on the other server, which are empty at first."""
    with other_server.channel() as channel:
        yield lambda name: Album(other_server, Api(channel), name)


@pytest.fixture
def told(album: Album) -> Album:
    """The album with all of its people named, and more said of some of them."""
    for name in NAMES:
        album.named(album.who(name), name=name.title())
    penny, raj = album.who("penny"), album.who("raj")
    portraits = album.portraits("penny")
    album.ask(
        "UpdatePerson",
        person=Person(
            person_id=penny,
            birth_date=Date(year=1985, month=12, day=2),
            favorite=True,
            feature_face_id=portraits[3].face_id,
        ),
        update_mask={"paths": ["birth_date", "favorite", "feature_face_id"]},
    )
    album.named(raj, hidden=True)
    album.ask("AssignFaces", face_ids=ids(portraits)[:1], person_id=penny)
    stuart = ids(album.portraits("stuart"))[:1]
    album.ask("MarkFaces", face_ids=stuart, kind=MARK_KIND_NOT_THIS_PERSON, person_id=penny)
    return album


def exported(album: Album, *, embeddings: bool = False) -> bytes:
    request = ExportPeopleRequest(library_id=album.library_id, include_embedding=embeddings)
    replies = album.api.admin.ExportPeople(request, timeout=60)
    return b"".join(reply.chunk for reply in replies)


def imported(album: Album, data: bytes, **fields: int) -> ImportPeopleResponse:
    def requests() -> Iterator[ImportPeopleRequest]:
        yield ImportPeopleRequest(library_id=album.library_id, **fields)  # type: ignore[arg-type]
        for start in range(0, len(data), 100_000):
            yield ImportPeopleRequest(chunk=data[start : start + 100_000])

    return album.api.admin.ImportPeople(requests(), timeout=120)


def placed(album: Album) -> Placed:
    names = {person.person_id: person.name for person in album.people(include_hidden=True)}
    return {
        (face.asset_id, round(face.box.x_min), round(face.box.y_min)): (
            names.get(face.person_id, ""),
            face.assignment,
        )
        for face in album.faces(include_hidden=True)
    }


def records(album: Album) -> dict[str, tuple[object, ...]]:
    """What was said of people, by name."""
    return {
        p.name: (p.birth_date.year, p.favorite, p.hidden, p.face_count, p.asset_count)
        for p in album.people(include_hidden=True)
    }


def test_pictures_first(told: Album, elsewhere: Callable[[str], Album], photos: Path) -> None:
    new = elsewhere(TEMPLATE)  # the library's name is part of what face ids are made of
    ingest(new.api, photos / "bbt", new.library_id)
    new.round()
    before = {face.face_id for face in new.faces()}
    report = imported(new, exported(told))
    assert (report.people_created, list(report.unmatched)) == (8, [])
    assert placed(new) == placed(told)
    assert records(new) == records(told)
    # The same ids, of people as well as of faces; those of the round here are gone.
    assert {f.face_id for f in told.faces(include_hidden=True)} == before
    people = {p.person_id for p in told.people(include_hidden=True)}
    assert {p.person_id for p in new.people(include_hidden=True)} == people
    penny = new.person(new.who("penny"))
    assert penny.feature_face_id == ids(told.portraits("penny"))[3]
    explained = new.ask("ExplainFace", face_id=ids(new.portraits("stuart"))[0])
    assert [mark.person_id for mark in explained.marks] == [penny.person_id]
    # A round finds nothing to change, and neither does the import once more.
    assert new.round().faces_assigned == 0
    sequence = new.events()[0].event_id
    assert imported(new, exported(told)) == ImportPeopleResponse()
    assert new.events()[0].event_id == sequence
    # It is one event, which can be taken back.
    (event,) = (event for event in new.events() if event.kind == "people_imported")
    new.undo(event.event_id)
    assert {person.name for person in new.people()} == {""}


def test_people_first_with_their_embeddings(
    told: Album, elsewhere: Callable[[str], Album], photos: Path
) -> None:
    new = elsewhere("other-name")
    data = exported(told, embeddings=True)
    report = imported(new, data)
    assert (report.people_created, report.faces_added) == (8, report.faces_assigned)
    assert placed(new) == {key: how for key, how in placed(told).items() if how[0]}
    # Who comes in a new picture is known before any old one is here.
    picture = (photos / "bbt" / "penny" / "penny2.png").read_bytes()
    probe = new.ask("SearchFaces", image={"data": picture}).results[0]
    assert probe.match.name == "Penny"
    stale = new.ask("ListAssets", filter=ASSET_FILTER_STALE, page_size=1000).assets
    assert {asset.asset_id for asset in stale} == {key[0] for key in placed(new)}
    # The pictures come, and the faces are still theirs, now with thumbnails.
    face_id = ids(new.portraits("penny"))[1]
    assert new.refused("GetThumbnail", face_id=face_id).code is StatusCode.NOT_FOUND
    ingest(new.api, photos / "bbt", new.library_id)
    assert not new.ask("ListAssets", filter=ASSET_FILTER_STALE).assets
    assert new.ask("GetThumbnail", face_id=face_id).image.data
    assert placed(new) == placed(told)
    assert records(new) == records(told)


def test_people_first_without_embeddings(
    told: Album, elsewhere: Callable[[str], Album], photos: Path
) -> None:
    new = elsewhere("bare")
    data = exported(told)
    report = imported(new, data)
    assert (report.people_created, report.faces_assigned, report.faces_added) == (8, 0, 0)
    assert "never submitted here" in report.unmatched[0]
    assert {p.name for p in new.people(include_hidden=True)} == set(records(told))
    ingest(new.api, photos / "bbt", new.library_id)
    report = imported(new, data)
    assert (report.people_created, list(report.unmatched)) == (0, [])
    assert placed(new) == placed(told)
    assert records(new) == records(told)


def test_names_and_boxes_of_another_program(
    elsewhere: Callable[[str], Album], photos: Path
) -> None:
    new = elsewhere("lines")
    ingest(new.api, photos / "bbt", new.library_id)
    lines = "".join(
        f'{{"asset_id": "{f.asset_id}", "name": "{name.title()}", "manual": {manual}, '
        f'"box": [{f.box.x_min - 3}, {f.box.y_min + 2}, {f.box.x_max + 4}, {f.box.y_max}], '
        f'"image_width": {f.image_width}, "image_height": {f.image_height}}}\n'
        for name, manual in (("amy", "true"), ("raj", "false"))
        for f in new.portraits(name)
    )
    report = imported(new, lines.encode(), format=IMPORT_FORMAT_JSON_LINES)
    assert report == ImportPeopleResponse(people_created=2, faces_assigned=10)
    assert {face.assignment for face in new.portraits("amy")} == {ASSIGNMENT_MANUAL}
    assert {face.assignment for face in new.portraits("raj")} == {ASSIGNMENT_AUTOMATIC}
    assert new.person(new.who("raj")).name == "Raj"


def test_what_is_no_bundle_changes_nothing(
    told: Album, elsewhere: Callable[[str], Album]
) -> None:
    new = elsewhere("damaged")
    data = exported(told)
    damaged = bytearray(data)
    damaged[len(data) // 2] ^= 1
    for wrong in (b"", data[:-2000], bytes(damaged), b"people"):
        told_of = refusal(lambda wrong=wrong: imported(new, wrong))
        assert told_of.code is StatusCode.INVALID_ARGUMENT
        assert "no bundle of people" in told_of.message
    assert new.people(include_hidden=True) == []
    assert new.events() == []
