"""Names on real photographs while the distance moves to and fro and all is decided anew."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest
from facefolk.v1.resources_pb2 import Round
from integration.people.album import ROUND_MODE_ALL, Album, ingest
from integration.servers import ServerProcess
from integration.wire import Api

pytestmark = [pytest.mark.models, pytest.mark.slow]
NARROW, WIDE = 0.45, 0.5
Names = dict[str, str]


def subjects(album: Album) -> dict[str, Counter[str]]:
    """Whose portraits each person has: the folders of `orl` are people."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for face in album.faces(include_hidden=True):
        if face.person_id:
            found[face.person_id][face.asset_id.partition("/")[0]] += 1
    return found


def name_everybody(album: Album) -> Names:
    """Name each person after whom it has most portraits of; return the names by person."""
    names = {}
    for person_id, portraits in sorted(subjects(album).items()):
        names[person_id] = f"{portraits.most_common(1)[0][0]} as {person_id}"
        album.named(person_id, name=names[person_id])
    return names


def with_faces(album: Album, names: Names) -> set[str]:
    return {person_id for person_id in names if album.person(person_id).face_count}


def decide_anew(album: Album, distance: float, *, by_commit: bool) -> Round:
    """Preview ALL at a distance, then make it real; return the round that did."""
    settings = {"max_recognition_distance": distance}
    before = album.placed()
    shown = album.round(ROUND_MODE_ALL, preview=True, settings=settings)
    assert album.placed() == before
    album.ask("UpdateSettings", settings=settings)
    if by_commit:
        done = album.ask("CommitRound", round_id=shown.round_id)
        assert done.difference == shown.difference
        return done
    done = album.round(ROUND_MODE_ALL)
    lost = [sorted(one.person_id for one in r.difference.names_lost) for r in (shown, done)]
    assert lost[0] == lost[1]
    return done


@pytest.mark.parametrize("by_commit", [True, False], ids=["committed", "run again"])
def test_no_name_is_lost_that_the_preview_did_not_name(
    server: ServerProcess, photos: Path, by_commit: bool
) -> None:
    with server.channel() as channel:
        album = Album(server, Api(channel), f"names-{by_commit}")
        ingest(album.api, photos / "orl", album.library_id)
        album.ask("UpdateSettings", settings={"max_recognition_distance": NARROW})
        album.round(ROUND_MODE_ALL)
        names = name_everybody(album)
        assert len(names) >= 38
        for distance in (WIDE, NARROW):
            there = with_faces(album, names)
            done = decide_anew(album, distance, by_commit=by_commit)
            told = {one.person_id: one.name for one in done.difference.names_lost}
            left = with_faces(album, names)
            assert there - left == set(told)
            assert left <= there | {one.person_id for one in done.difference.moved}
            assert all(told[person_id] == names[person_id] for person_id in told)
            # Nobody vanishes: who has no face left keeps the name, and is found by it.
            found = {
                p.person_id: p.name for p in album.people(name_query="s", include_hidden=True)
            }
            assert found == names
            # A name that stays is still that of the same person.
            portraits = subjects(album)
            for person_id in left:
                (most, _), *_ = portraits[person_id].most_common(1)
                assert names[person_id].startswith(f"{most} "), portraits[person_id]
