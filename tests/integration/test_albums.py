"""The main job on photographs with labels: a real server, the real packs, one round."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from conftest import Label
from facefolk import Assignment, Client, Face, IngestOptions, Person, RoundMode, RoundState
from integration.servers import ServerFactory, ServerProcess
from sklearn.cluster import DBSCAN

from bench.albums import Judged, judge, labelled
from bench.quality.albums import load_albums
from bench.quality.scores import Scores, score

pytestmark = pytest.mark.models


@pytest.fixture
def client(server: ServerProcess, request: pytest.FixtureRequest) -> Iterator[Client]:
    """A client of the shared server with a library of the test's own."""
    name = request.node.name.replace("[", "-").replace("]", "").removeprefix("test_")
    with Client(server.address, library_id=name[:60], timeout_seconds=600) as made:
        yield made


def run(client: Client, mode: RoundMode = RoundMode.ALL) -> None:
    ended = client.run_round(mode, skip_waiting=True)
    assert ended.state is RoundState.SUCCEEDED, ended.error


def placed(client: Client) -> dict[str, str]:
    return {face.face_id: face.person_id for face in client.list_faces()}


def by_asset(client: Client, **given: bool) -> Mapping[str, list[Face]]:
    faces = defaultdict(list)
    for face in client.list_faces(**given):
        faces[face.asset_id].append(face)
    return faces


def judged(address: str, photos: Path, album: str, pack: str) -> Judged:
    (one,) = load_albums(photos, [album])
    return judge(address, photos, one, pack=pack, distance=0.0)


def judged_plainly(client: Client, photos: Path, album: str) -> tuple[int, Scores]:
    """Run ALL without the guard; return how many people are listed, and how good they are."""
    (one,) = load_albums(photos, [album])
    client.update_settings(chain_guard=False)
    run(client)
    faces = list(client.list_faces(include_hidden=True))
    groups, labels, _ = labelled(one, faces, prefix=f"{album}/")
    return len(list(client.list_people())), score(groups, labels, minimum=3)


def assert_is_dbscan(client: Client, *, distance: float, minimum: int) -> None:
    """ALL without pruning gives the groups of DBSCAN, border faces at their nearest core."""
    client.update_settings(one_face_per_asset=False, chain_guard=False)
    run(client)
    faces = sorted(client.list_faces(include_embedding=True), key=lambda face: face.face_id)
    vectors = np.array([face.embedding for face in faces], np.float64)
    distances = np.clip(1.0 - vectors @ vectors.T, 0.0, None)
    np.fill_diagonal(distances, 0.0)
    expected = DBSCAN(eps=distance, min_samples=minimum, metric="precomputed").fit(distances)
    core = np.zeros(len(faces), bool)
    core[expected.core_sample_indices_] = True
    people: dict[str, set[int]] = defaultdict(set)
    for row, face in enumerate(faces):
        assert (not face.person_id) == (expected.labels_[row] == -1)
        if face.person_id and core[row]:
            people[face.person_id].add(row)
    assert sorted(map(sorted, people.values())) == sorted(
        np.flatnonzero((expected.labels_ == label) & core).tolist()
        for label in range(expected.labels_.max() + 1)
    )
    for row in np.flatnonzero((expected.labels_ != -1) & ~core):
        cores = np.flatnonzero(core)
        nearest = cores[distances[row, cores].argmin()]
        assert faces[row].person_id == faces[nearest].person_id


def test_orl_with_open(server: ServerProcess, photos: Path) -> None:
    found = judged(server.address, photos, "orl", "open")
    assert found.detected >= 398
    assert found.people == 40
    assert found.scores.ari >= 0.99
    assert (found.scores.mixed, found.scores.wrong) == (0, 0)
    with Client(server.address, library_id="orl-open", timeout_seconds=600) as client:
        people = placed(client)
        run(client)
        assert placed(client) == people  # ALL right after ALL
        again = client.ingest([photos / "orl"])
        assert (again.skipped, again.submitted) == (400, 0)
        some = sorted((photos / "orl").glob("s0*"))
        below = IngestOptions(root=photos / "orl")
        again = client.ingest(some, options=below, redetect=True)
        assert (again.skipped, again.submitted) == (0, 90)
        assert placed(client) == people
        listed, scores = judged_plainly(client, photos, "orl")
        assert 38 <= listed <= 41
        assert scores.ari >= 0.96
        assert_is_dbscan(client, distance=0.5, minimum=3)


@pytest.mark.slow
def test_all_of_orl_twice_is_all_of_orl_once(client: Client, photos: Path) -> None:
    client.ingest([photos / "orl"])
    run(client)
    people = placed(client)
    assert client.ingest([photos / "orl"], redetect=True).submitted == 400
    assert placed(client) == people
    run(client)
    assert placed(client) == people


@pytest.mark.slow
def test_orl_with_dlib(servers: ServerFactory, photos: Path) -> None:
    server = servers(pack="dlib").start()
    found = judged(server.address, photos, "orl", "dlib")
    assert found.distance == 0.05
    assert found.detected >= 395
    assert found.scores.ari >= 0.95
    assert server.stop() == 0


@pytest.mark.slow
def test_lfw_with_open(server: ServerProcess, photos: Path) -> None:
    found = judged(server.address, photos, "lfw", "open")
    assert 76 <= found.people <= 84
    assert found.scores.ari >= 0.99
    assert found.scores.wrong <= 3
    assert found.scores.mixed == 0
    with Client(server.address, library_id="lfw-open", timeout_seconds=600) as client:
        listed, scores = judged_plainly(client, photos, "lfw")
        assert 76 <= listed <= 84
        assert scores.ari >= 0.985
        assert scores.wrong <= 5
        assert_is_dbscan(client, distance=0.5, minimum=3)


def test_bbt_with_open(client: Client, photos: Path, labels: tuple[Label, ...]) -> None:
    client.ingest([photos / "bbt"])
    run(client)
    people: list[Person] = list(client.list_people())
    assert len(people) == 8
    faces = by_asset(client)
    owners: dict[str, set[str]] = defaultdict(set)
    groups = 0
    for label in labels:
        if not label.path.is_relative_to(photos / "bbt"):
            continue
        found = faces[str(label.path.relative_to(photos / "bbt"))]
        assert len(found) == label.faces, label
        if len(label.people) == 1:
            owners[label.people[0]].add(found[0].person_id)
        else:
            groups += 1
    assert groups == 5
    assert all(len(those) == 1 for those in owners.values()), owners
    assert {p for those in owners.values() for p in those} == {p.person_id for p in people}
    total = {face.person_id for those in faces.values() for face in those} - {""}
    for person in people:
        mine = list(client.list_faces(person_id=person.person_id))
        assert person.face_count == len(mine)
        assert client.get_thumbnail(person_id=person.person_id).image.startswith(b"\xff\xd8")
    assert total == {person.person_id for person in people}
    assert_is_dbscan(client, distance=0.5, minimum=3)


def test_preview_with_open(client: Client, photos: Path, labels: tuple[Label, ...]) -> None:
    report = client.ingest([photos / "preview"])
    assert report.failed == []
    faces = by_asset(client)
    expected = {
        label.path.name: label.faces
        for label in labels
        if label.path.is_relative_to(photos / "preview")
    }
    assert {name: len(faces[name]) for name in expected} == expected
    assert_is_dbscan(client, distance=0.5, minimum=3)


def test_a_film_is_one_asset_and_a_face_in_it_one_track(client: Client, photos: Path) -> None:
    (film,) = (photos / "video").glob("*.mp4")
    client.ingest([film])
    (asset,) = client.list_assets()
    assert len(asset.frames) == 5
    assert len({frame.frame_offset for frame in asset.frames}) == 5
    faces = by_asset(client)[asset.asset_id]
    assert len(faces) >= 15
    # One man sits at the right edge all the time; the others are far off and small.
    seated = {face.face_id for face in faces if face.box.x_min > 700}
    assert {face.frame_offset for face in faces if face.face_id in seated} == {
        frame.frame_offset for frame in asset.frames
    }
    # Five faces would make a person at a minimum of three; his track is one face.
    run(client)
    assert not any(face.person_id for face in client.list_faces() if face.face_id in seated)
    client.update_settings(min_recognized_faces=1)
    run(client)
    owners = placed(client)
    (person_id,) = {owners[face_id] for face_id in seated}
    assert {face_id for face_id, owner in owners.items() if owner == person_id} == seated


@pytest.mark.parametrize("people", [20, pytest.param(40, marks=pytest.mark.slow)])
def test_two_halves_of_orl(client: Client, photos: Path, people: int) -> None:
    """Two MISSING rounds keep who was there, a third changes nothing."""
    folders = sorted(path for path in (photos / "orl").iterdir() if path.is_dir())[:people]
    files = [sorted(folder.iterdir()) for folder in folders]
    first = [path for those in files for path in those[:5]]
    second = [path for those in files for path in those[5:]]
    below = IngestOptions(root=photos / "orl")
    assert client.ingest(first, options=below).failed == []
    run(client, RoundMode.MISSING)
    before = placed(client)
    assert len(set(before.values()) - {""}) > 0.75 * people
    assert client.ingest(second, options=below).submitted == 5 * people
    run(client, RoundMode.MISSING)
    after = placed(client)
    assert {face: after[face] for face, person in before.items() if person} == {
        face: person for face, person in before.items() if person
    }
    assert sum(map(bool, after.values())) > sum(map(bool, before.values())) + 3.75 * people
    run(client, RoundMode.MISSING)
    assert placed(client) == after


def assert_its_likes_come(client: Client, face: Face, name: str) -> set[str]:
    """Assign an outlier by hand to a new person and run MISSING; return the assets that came.

    Who comes is told from the embeddings alone: the other outliers within reach of the face.
    """
    before = {one.face_id: one for one in client.list_faces(include_embedding=True)}
    mine = np.array(before[face.face_id].embedding, np.float64)
    likes = {
        key: one
        for key, one in before.items()
        if not one.person_id
        and key != face.face_id
        and 1.0 - mine @ np.array(one.embedding, np.float64) <= 0.5
    }
    told = client.assign_faces([face.face_id], new_person=Person("", name=name))
    run(client, RoundMode.MISSING)
    after = {one.face_id: one for one in client.list_faces()}
    assert after[face.face_id].assignment is Assignment.MANUAL
    assert {after[key].assignment for key in likes} == {Assignment.AUTOMATIC}
    expected = {key: one.person_id for key, one in before.items()}
    expected |= dict.fromkeys([face.face_id, *likes], told.person.person_id)
    assert {key: one.person_id for key, one in after.items()} == expected
    return {one.asset_id for one in likes.values()}


def test_an_outlier_assigned_by_hand_draws_its_likes(client: Client, photos: Path) -> None:
    """At a minimum of seven those with five or six pictures are all outliers."""
    client.ingest([photos / "bbt"])
    client.update_settings(min_recognized_faces=7)
    run(client)
    of = {asset: faces[0] for asset, faces in by_asset(client).items()}
    few = [asset for asset in of if asset.startswith(("amy/", "bernadette/", "stuart/"))]
    assert len(few) == 15
    assert not any(of[asset].person_id for asset in few)
    for name, which in (("amy", 4), ("bernadette", 4), ("stuart", 2)):
        came = assert_its_likes_come(client, of[f"{name}/{name}{which}.png"], name.title())
        portraits = {asset for asset in came if not asset.startswith("group/")}
        assert portraits <= {asset for asset in few if asset.startswith(f"{name}/")}
        assert len(portraits) >= 3
