"""Records of the domain with every field set to something of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
from facefolk_server import types
from facefolk_server.service import admin as admin_views
from facefolk_server.service import erasure, views
from facefolk_server.service import packs as pack_views
from facefolk_server.service.suggestions import questions
from facefolk_server.store import ErasureRecord, Phase, Scope

NOW = datetime(2024, 5, 6, 7, 8, 9, 123456, UTC)
BOX = types.BoundingBox(1.0, 2.0, 30.0, 40.0)
POINTS = tuple(types.Point(float(i), float(i + 1)) for i in range(1, 6))
FACE = types.Face(
    face_id="f",
    asset_id="a",
    frame_offset_us=1_500_000,
    box=BOX,
    landmarks=POINTS,  # type: ignore[arg-type]
    score=0.75,
    quality=0.5,
    image_width=640,
    image_height=480,
    pack="open",
    pack_digest="d",
    create_time=NOW,
)
PLACED = types.Placement("p", types.Assignment.MANUAL, types.Reason.OUTLIER, "r")
FACE_VIEW = views.FaceView(FACE, PLACED, np.array([0.5, 0.25], np.float32))
MATCH = views.Match("p", "Ada", 0.25, "g", 0.75)
PERSON = views.PersonView(
    types.Person(
        "p",
        name="Ada",
        birth_date=date(1815, 12, 10),
        hidden=True,
        favorite=True,
        create_time=NOW,
        update_time=NOW,
    ),
    face_count=3,
    asset_count=2,
    feature_face_id="f",
    etag="7",
)
PLACED_ELSEWHERE = types.Placement("q", types.Assignment.MANUAL)
TOLD = {"feature_face_id": "f", "revision": 7}
ROUND = types.RoundRecord(
    "r",
    types.RoundMode.ALL,
    types.RoundState.FAILED,
    preview=True,
    faces_queued=1,
    faces_processed=2,
    faces_assigned=3,
    people_created=4,
    faces_deferred=5,
    outliers=6,
    pruned=7,
    neighbor_recall=0.5,
    recount="no counts were kept",
    waited_out=True,
    start_time=NOW,
    end_time=NOW,
    error="why",
    max_recognition_distance=0.5,
    min_recognized_faces=3,
)
EVENT = types.Event(
    sequence=9,
    kind=types.EventKind.UNDONE,
    actor="somebody",
    time=NOW,
    changes=types.Changes(
        placements=(
            types.PlacementChange(
                "f", types.Placement("p", types.Assignment.AUTOMATIC), PLACED_ELSEWHERE
            ),
        ),
        people=(
            types.PersonChange(
                "p", replace(PERSON.person, **TOLD), replace(PERSON.person, **TOLD)
            ),
        ),
        marks=(
            types.MarkChange(types.Mark("f", types.MarkKind.NOT_THIS_PERSON, "p"), added=True),
            types.MarkChange(types.Mark("f", types.MarkKind.NOT_THIS_PERSON, "q"), added=False),
        ),
        round=ROUND,
    ),
    detail={"undone_event": "8"},
)
EXPLANATION = views.Explanation(
    FACE_VIEW,
    core=True,
    neighbor_count=2,
    neighbors=(views.Neighbor("g", "p", 0.25, core=True, lends=True, copy=True),),
    only_copies=True,
    round=ROUND,
    vetoes=("Because.",),
    marks=(types.Mark("f", types.MarkKind.NOT_THIS_PERSON, "p"),),
)
FRAME = types.Frame(
    asset_id="a",
    frame_offset_us=1,
    state=types.AssetState.FAILED,
    width=4,
    height=3,
    pack="open",
    pack_digest="d",
    min_detection_score=0.5,
    face_count=2,
    content_digest="c",
    capture_time=NOW,
    update_time=NOW,
    error="why",
    looks="close tiny",
)
ASSET = views.AssetView("a", (views.FrameView(FRAME, stale=True),), NOW, 2)
IMAGE_FACES = views.ImageFaces(
    (views.RecognizedFace(FACE_VIEW, MATCH),), 640, 480, "open", {"decode": 1.5}
)
SETTINGS = admin_views.SettingsView(
    types.RecognitionSettings(
        pack="open",
        min_detection_score=0.5,
        max_recognition_distance=0.25,
        chain_guard=True,
        nightly_time="02:30",
        quality_gate=True,
        find_close_faces=True,
        find_turned_faces=True,
        find_tiny_faces=True,
    ),
    etag="1",
    advice=("Think.",),
)
PACK = admin_views.PackView(
    pack_views.PackDescription(
        name="open",
        detector="yunet",
        recognizer="mfn",
        license="Apache-2.0",
        non_commercial=True,
        embedding_length=128,
        recommended_distance=0.5,
        recommended_score=0.75,
        installed=True,
        download_bytes=5,
        digest="d",
        license_acknowledged=True,
    ),
    active=True,
)
STATUS = admin_views.ServerStatus(
    version="1",
    library_versions={"numpy": "2"},
    start_time=NOW,
    pack=PACK,
    models=(
        pack_views.ModelStatus("m", "GPU", "cpu", self_test_passed=True, quarantine_reason="w"),
    ),
    tables=(admin_views.TableStatus("t", 1, 2, 3),),
    requests_in_flight=1,
    bytes_in_flight=2,
    writes_queued=3,
    face_count=4,
    person_count=5,
    unassigned_face_count=6,
    round=ROUND,
    warnings=("Hm.",),
)
SUGGESTION = questions.Suggestion(
    questions.Question(questions.SuggestionKind.DOUBTFUL_FACE, ("p",), ("f",)),
    distance=0.5,
    faces_settled=1,
    probability=0.25,
    faces_shown=("f",),
    also_like="q",
)
RECEIPT = erasure.Receipt(
    ErasureRecord(
        "e",
        types.EventKind.PERSON_ERASED,
        "somebody",
        Phase.DONE,
        Scope(("a",), ("f",), ("p",)),
        NOW,
        NOW,
        assets=1,
        faces=2,
        people=3,
    ),
    backups=("b",),
)
