"""Comparing and searching."""

from __future__ import annotations

from facefolk.v1 import recognition_pb2

from facefolk_server.errors import InvalidRequestError
from facefolk_server.rpc.converters.checks import image_data, number_in
from facefolk_server.rpc.converters.faces import face_to_proto, match_to_proto
from facefolk_server.rpc.converters.values import embedding_from_proto
from facefolk_server.service.search import Probe
from facefolk_server.service.views import Comparison, SearchResult

MAX_COSINE_DISTANCE = 2.0


def side_from_proto(side: recognition_pb2.CompareSide, name: str) -> Probe:
    """Return one side of a comparison.

    Raises:
        InvalidRequestError: Nothing is given, or what is given is malformed.
    """
    return _probe(side, side.WhichOneof("source"), name)


def query_from_proto(request: recognition_pb2.SearchFacesRequest) -> Probe:
    """Return what to look for.

    Raises:
        InvalidRequestError: Nothing is given, or what is given is malformed.
    """
    return _probe(request, request.WhichOneof("query"), "query")


def max_distance_from_proto(request: recognition_pb2.SearchFacesRequest) -> float | None:
    """Return the greatest distance asked for, None for the library's own.

    Raises:
        InvalidRequestError: It is not within 0 and 2.
    """
    if not request.HasField("max_distance"):
        return None
    return number_in(request.max_distance, "max_distance", low=0.0, high=MAX_COSINE_DISTANCE)


def comparison_to_proto(comparison: Comparison) -> recognition_pb2.CompareResponse:
    """Return the reply of Compare."""
    pairs = [
        recognition_pb2.CompareResponse.Pair(
            left=pair.left, right=pair.right, distance=pair.distance
        )
        for pair in comparison.pairs
    ]
    return recognition_pb2.CompareResponse(
        left_faces=[face_to_proto(view) for view in comparison.left_faces],
        right_faces=[face_to_proto(view) for view in comparison.right_faces],
        pairs=pairs,
        max_recognition_distance=comparison.max_recognition_distance,
    )


def search_result_to_proto(result: SearchResult) -> recognition_pb2.SearchFacesResponse.Result:
    """Return the message of what was found for one face."""
    hits = [
        recognition_pb2.SearchFacesResponse.Hit(
            face=face_to_proto(hit.view), distance=hit.distance
        )
        for hit in result.hits
    ]
    return recognition_pb2.SearchFacesResponse.Result(
        query=None if result.query is None else face_to_proto(result.query),
        hits=hits,
        match=match_to_proto(result.match),
    )


def _probe(
    message: recognition_pb2.CompareSide | recognition_pb2.SearchFacesRequest,
    given: str | None,
    name: str,
) -> Probe:
    if given == "image":
        return Probe(image=image_data(message.image.data, f"{name}.image"))
    if given == "embedding":
        return Probe(embedding=embedding_from_proto(message.embedding, f"{name}.embedding"))
    if given == "face_id" and message.face_id:
        return Probe(face_id=message.face_id)
    raise InvalidRequestError(
        f"{name} is empty: give an image, a face_id or an embedding.", field=name
    )
