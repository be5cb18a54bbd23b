from __future__ import annotations

from datetime import UTC, datetime

from drawing import drawn
from facefolk_server.service.frames.plan import Detected, FramePlan, Place, plan_frame
from facefolk_server.service.frames.takeover import take_over
from facefolk_server.types import Assignment, BoundingBox, Face, Placement, Point
from hypothesis import given
from hypothesis import strategies as st

START = datetime(2024, 1, 1, tzinfo=UTC)
LATER = datetime(2024, 1, 2, tzinfo=UTC)
NOWHERE = (Point(0, 0),) * 5
PLACE = Place("", "a.jpg", 0, 100, 100, "open", "digest", LATER)
MANUAL = Placement("p_1", Assignment.MANUAL)


def box(x: float, y: float = 10, side: float = 20) -> BoundingBox:
    return BoundingBox(x, y, x + side, y + side)


def old(face_id: str, where: BoundingBox, *, width: int = 100, pack: str = "open") -> Face:
    return Face(face_id, "a.jpg", 0, where, NOWHERE, 0.9, 0.5, width, width, pack, "old", START)


def new(where: BoundingBox) -> Detected:
    return Detected(where, NOWHERE, 0.8, 0.6)


def plan(
    detected: list[Detected],
    faces: list[Face],
    placements: dict[str, Placement] | None = None,
) -> FramePlan:
    return plan_frame(PLACE, detected, faces, placements or {})


def test_takes_the_greatest_overlap_first_and_each_face_once() -> None:
    faces = [old("a", box(10)), old("b", box(14))]
    taken = take_over(faces, [box(13), box(12)], width=100, height=100)
    assert taken == {0: "b", 1: "a"}


def test_half_of_the_union_is_enough_and_less_is_not() -> None:
    wide = BoundingBox(0, 0, 20, 10)
    assert take_over([old("a", wide)], [BoundingBox(0, 0, 10, 10)], width=100, height=100)
    assert not take_over([old("a", wide)], [BoundingBox(0, 0, 9.9, 10)], width=100, height=100)


def test_boxes_are_scaled_to_the_new_image() -> None:
    face = old("a", BoundingBox(100, 100, 300, 300), width=1000)
    assert take_over([face], [box(10)], width=100, height=100) == {0: "a"}
    assert not take_over([face], [box(100, 100, 200)], width=100, height=100)


def test_ties_go_to_the_lower_id() -> None:
    faces = [old("b", box(10)), old("a", box(10))]
    assert take_over(faces, [box(10)], width=100, height=100) == {0: "a"}


boxes = st.builds(box, st.integers(0, 60), st.integers(0, 60), st.sampled_from([10, 15, 20]))


@drawn(60)
@given(st.lists(boxes, max_size=5), st.lists(boxes, max_size=5), st.randoms())
def test_one_to_one_and_independent_of_order(olds, news, random) -> None:
    faces = [old(f"f{i}", where) for i, where in enumerate(olds)]
    taken = take_over(faces, news, width=100, height=100)
    assert len(set(taken.values())) == len(taken)
    shuffled = faces.copy()
    random.shuffle(shuffled)
    assert take_over(shuffled, news, width=100, height=100) == taken


def test_the_same_again_changes_no_id() -> None:
    detections = [new(box(10)), new(box(50))]
    first = plan(detections, [])
    again = plan(detections, list(first.faces))
    assert [f.face_id for f in again.faces] == [f.face_id for f in first.faces]
    assert again.gone == again.kept == ()
    assert all(len(face.face_id) == 26 for face in first.faces)


def test_an_heir_keeps_id_and_first_sight_and_has_the_new_rest() -> None:
    (face,) = plan([new(box(11))], [old("a", box(10), pack="dlib")]).faces
    assert (face.face_id, face.create_time) == ("a", START)
    assert (face.pack, face.pack_digest, face.box, face.score) == (
        "open",
        "digest",
        box(11),
        0.8,
    )


def test_manual_faces_stay_undetected_and_others_go() -> None:
    faces = [old("a", box(10)), old("b", box(50))]
    planned = plan([], faces, {"a": MANUAL, "b": Placement("p_2", Assignment.AUTOMATIC)})
    assert planned.kept == (faces[0],)
    assert planned.gone == (faces[1],)


def test_a_new_face_where_a_moved_one_was_first_seen_gets_an_id_of_its_own() -> None:
    (first,) = plan([new(box(10))], []).faces
    (moved,) = plan([new(box(16))], [first]).faces
    assert moved.face_id == first.face_id
    both = plan([new(box(16)), new(box(10, 10, 6))], [moved]).faces
    assert len({face.face_id for face in both}) == 2
    planned = plan([new(box(60)), new(box(10))], [old(first.face_id, box(60))])
    assert planned.faces[0].face_id == first.face_id
    assert planned.faces[1].face_id != first.face_id


def test_ids_tell_library_asset_frame_pack_and_place_apart() -> None:
    places = [
        PLACE,
        Place("lib", "a.jpg", 0, 100, 100, "open", "digest", LATER),
        Place("", "b.jpg", 0, 100, 100, "open", "digest", LATER),
        Place("", "a.jpg", 1, 100, 100, "open", "digest", LATER),
        Place("", "a.jpg", 0, 100, 100, "dlib", "digest", LATER),
    ]
    ids = {plan_frame(place, [new(box(10))], [], {}).faces[0].face_id for place in places}
    ids.add(plan([new(box(11))], []).faces[0].face_id)
    assert len(ids) == 6
    assert plan([new(box(10.2))], []).faces[0].face_id in ids
