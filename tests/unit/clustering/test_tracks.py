"""Films: the faces of one person through the frames of an asset are one track."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from facefolk_server.clustering import RoundParameters
from facefolk_server.types import Reason, RoundMode
from unit.clustering.reference import NaiveFace
from unit.clustering.states import as_naive, committed, naive, ours, rounded

PARAMETERS = RoundParameters(RoundMode.MISSING, 0.2, 3)
# Angles to one another of about 0.1 rad are distances of 0.005, of 0.5 rad 0.12.
FAR = 2.0


def face(name: str, asset: str, frame: int, angle: float, **given) -> NaiveFace:
    vector = rounded(np.array([[np.cos(angle), np.sin(angle)]]))[0].tolist()
    return NaiveFace(name, asset, vector, frame=frame, **given)


def film(count: int, *, asset: str = "film", angle: float = 0.0) -> list[NaiveFace]:
    return [
        face(f"{asset}{frame:02}", asset, frame, angle + 0.001 * frame, quality=frame / count)
        for frame in range(count)
    ]


def people(faces: list[NaiveFace], parameters: RoundParameters = PARAMETERS):
    result = ours(faces, parameters)
    assert as_naive(faces, result) == naive(faces, parameters)
    return result.person_ids


def test_a_film_of_a_passer_by_makes_no_person() -> None:
    result = ours(film(9), PARAMETERS)
    assert set(result.person_ids) == {None}
    assert set(result.reasons) == {Reason.OUTLIER}
    assert set(result.neighbor_counts.tolist()) == {1}
    photos = [replace(f, asset_id=f.face_id) for f in film(9)]
    assert len(set(people(photos)) - {None}) == 1


def test_followers_go_where_their_best_face_goes() -> None:
    photos = [face(f"x{i}", f"x{i}", 0, 0.01 * i) for i in range(3)]
    found = people([*film(4), *photos])
    assert len(set(found)) == 1
    assert None not in found


def test_three_films_make_a_person() -> None:
    films = [f for name in "abc" for f in film(3, asset=name)]
    result = ours(films, PARAMETERS)
    assert set(result.neighbor_counts.tolist()) == {3}
    assert len(set(result.person_ids)) == 1


def test_a_face_found_later_in_the_film_of_somebody_is_that_somebody() -> None:
    known = [replace(f, person_id="p1") for f in film(3)]
    late = face("z", "film", 99, 0.01, quality=1.0)
    assert people([*known, late]) == ["p1"] * 4


def test_a_mark_keeps_a_face_from_the_person_of_its_track() -> None:
    known = [replace(f, person_id="p1") for f in film(3)]
    late = face("z", "film", 99, 0.01, barred=frozenset({"p1"}))
    assert people([*known, late]) == [*["p1"] * 3, None]


def test_one_frame_holds_one_face_of_a_track() -> None:
    twins = [face("l", "film", 0, 0.0), face("r", "film", 0, 0.02), face("n", "film", 1, 0.021)]
    photos = [face(f"x{i}", f"x{i}", 0, 0.01 * i) for i in range(2)]
    result = ours([*twins, *photos], replace(PARAMETERS, one_face_per_asset=False))
    assert result.neighbor_counts.tolist() == [4] * 5


def test_faces_assigned_by_hand_split_a_track() -> None:
    faces = film(4)
    faces[0] = replace(faces[0], person_id="p1", manual=True)
    faces[3] = replace(faces[3], person_id="p2", manual=True)
    assert people(faces) == ["p1", "p1", "p2", "p2"]
    assert people(faces, replace(PARAMETERS, mode=RoundMode.ALL)) == ["p1", "p1", "p2", "p2"]


def test_a_pruned_frame_is_pruned_again_and_nothing_else_changes() -> None:
    known = [face(f"k{i}", f"k{i}", 0, 0.05 * i, person_id="p1") for i in range(4)]
    taken = face("k9", "film", 1, 0.1, person_id="p1", manual=True)
    # The one in the frame that p1 is in already is the best of its film.
    faces = [
        *known,
        taken,
        *(replace(f, quality=float(f.frame == 1)) for f in film(3, angle=0.6)),
    ]
    first = ours(faces, PARAMETERS)
    assert first.person_ids[5:] == ["p1", None, "p1"]
    assert first.reasons[6] is Reason.SAME_ASSET
    again = ours(committed(faces, first, tag="z"), PARAMETERS)
    assert again.person_ids == first.person_ids
    assert again.pruned == first.pruned


def test_a_stranger_stands_for_nobody_else() -> None:
    faces = film(3)
    faces[2] = replace(faces[2], stranger=True)
    photos = [face(f"x{i}", f"x{i}", 0, 0.01 * i) for i in range(3)]
    found = people([*faces, *photos])
    assert found[2] is None
    assert len(set(found) - {None}) == 1
    assert found.count(None) == 1


def test_faces_far_apart_in_a_film_are_no_track() -> None:
    faces = [face("a", "film", 0, 0.0), face("b", "film", 1, FAR)]
    assert ours(faces, PARAMETERS).neighbor_counts.tolist() == [1, 1]


def test_a_long_film_with_a_crowd_is_cut_into_tracks() -> None:
    crowd = [
        face(f"f{frame:03}{who}", "film", frame, who + 0.0001 * frame)
        for frame in range(100)
        for who in range(3)
    ]
    result = ours(crowd, replace(PARAMETERS, max_distance=0.02, min_faces=1))
    assert len(result.created) == 3
    assert set(result.neighbor_counts.tolist()) == {1}
