from __future__ import annotations

import inspect

import facefolk
from facefolk import AsyncClient, Client, errors

EXPORTED = """
AlreadyExistsError Asset AssetFilter AssetState Assigned Assignment AsyncClient AsyncPages
BoundingBox CancelledError Client ComparedPair Comparison ConflictError DeadlineError
Detection Embeddings Face FacefolkError Frame IngestInterruptedError IngestOptions
IngestProgress IngestReport InvalidRequestError Match MissingExtraError ModelStatus
NotBuiltError NotFoundError Outcome OverloadedError Pack Page Pages PermissionDeniedError
Person PersonDifference PersonOrder Point PreconditionError PullProgress Recognition
RecognizedFace RemoteError Round RoundDifference RoundMode RoundState SearchHit SearchResult
ServerError Settings SettingsUpdate Status Submission TableStatus Thumbnail Tls UNCHANGED
UnassignedReason UnauthenticatedError UnavailableError Unchanged UnreadableFileError
UsageError
"""
METHODS = """
address assign_faces cancel_round check_health close compare detect embed_crops embed_faces
get_asset get_person get_round get_settings get_status get_thumbnail ingest library_id
list_assets list_faces list_packs list_people list_person_assets list_rounds pull_pack
recognize recognize_stream run_round search_faces start_round unassign_faces update_person
update_settings watch_round with_options
"""


def test_exports_are_pinned() -> None:
    assert sorted(facefolk.__all__) == sorted(EXPORTED.split())
    assert all(hasattr(facefolk, name) for name in facefolk.__all__)


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


def test_signatures_are_those_of_the_calls(client: Client) -> None:
    assert str(inspect.signature(client.detect)).startswith("(image: 'bytes', *, min_score:")
    assert client.detect.__doc__ == Client.detect.__doc__
