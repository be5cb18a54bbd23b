from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import facefolk
from facefolk import AsyncClient, Client, errors
from facefolk.v1 import admin_pb2, clustering_pb2, people_pb2, recognition_pb2

EXPORTED = """
AlreadyExistsError Asset AssetFilter AssetsDeleted AssetState Assigned Assignment AsyncClient
AsyncPages BoundingBox CancelledError Client ComparedPair Comparison ConflictError
DeadlineError Deleted Detection Embeddings Erasure ErasureState Event Explanation Face
FaceChange FacefolkError Frame Imported ImportFormat IngestInterruptedError IngestOptions
IngestProgress IngestReport InvalidRequestError Mark Marked MarkKind Match Merged
MissingExtraError ModelStatus Neighbor NotBuiltError NotFoundError Outcome OverloadedError
Pack Page Pages PermissionDeniedError Person PersonChange PersonDifference PersonOrder Point
PreconditionError PullProgress Recognition RecognizedFace RemoteError Round RoundDifference
RoundMode RoundSettings RoundState SearchHit SearchResult ServerError Settings SettingsUpdate
Status Submission Suggestion SuggestionAnswer SuggestionKind TableStatus Thumbnail Tls
UnassignedReason UnauthenticatedError UnavailableError Unchanged UNCHANGED UnreadableFileError
UsageError
"""
METHODS = """
address answer_suggestion assign_faces cancel_round check_health close commit_round compare
create_person delete_assets delete_person detect embed_crops embed_faces explain_face
export_people get_asset get_erasure get_person get_round get_settings get_status get_thumbnail
import_people ingest library_id list_assets list_events list_faces list_packs list_people
list_person_assets list_rounds list_suggestions mark_faces merge_people pull_pack read_bundle
recognize recognize_stream run_round search_faces start_round unassign_faces undo_event
update_person update_settings wait_for_erasure watch_events watch_round with_options
"""

_AT_FIRST = """
import sys
import facefolk
assert "grpc" not in sys.modules
assert set(facefolk.__all__) <= set(dir(facefolk))
assert facefolk.errors.NotFoundError is facefolk.NotFoundError
assert facefolk.types.Person is facefolk.Person
assert not hasattr(facefolk, "Nothing") and not hasattr(facefolk, "NothingError")
from facefolk import *
assert Client is facefolk.Client and "grpc" in sys.modules
"""


def test_exports_are_pinned() -> None:
    assert sorted(facefolk.__all__) == sorted(EXPORTED.split())
    assert all(hasattr(facefolk, name) for name in facefolk.__all__)


def test_names_are_there_before_they_are_used() -> None:
    ran = subprocess.run([sys.executable, "-c", _AT_FIRST], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def test_the_command_line_reads_its_arguments_without_grpc() -> None:
    script = "import sys, facefolk.cli.app; sys.exit('grpc' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0


def test_every_error_is_exported() -> None:
    declared = {
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, errors.FacefolkError)
    }
    assert declared <= set(facefolk.__all__)


def test_both_clients_have_the_same_documented_methods() -> None:
    sync_names = {name for name in dir(Client) if not name.startswith("_")}
    async_names = {name for name in dir(AsyncClient) if not name.startswith("_")} - {"of"}
    assert sync_names == async_names == set(METHODS.split())
    assert all(inspect.getdoc(getattr(Client, name)) for name in sync_names)


def test_every_method_of_the_api_is_called() -> None:
    declared = {
        method.name
        for module in (recognition_pb2, people_pb2, clustering_pb2, admin_pb2)
        for service in module.DESCRIPTOR.services_by_name.values()
        for method in service.methods
    }
    folder = Path(facefolk.__file__).parent
    code = "".join(path.read_text() for path in folder.glob("_*.py"))
    code += "".join(path.read_text() for path in (folder / "_calls").glob("*.py"))
    called = set(re.findall(r"s(?:tubs)?\.\w+\.([A-Z]\w+)", code))
    assert declared <= called


def test_signatures_are_those_of_the_calls(client: Client) -> None:
    assert str(inspect.signature(client.detect)).startswith("(image: 'bytes', *, min_score:")
    assert client.detect.__doc__ == Client.detect.__doc__
