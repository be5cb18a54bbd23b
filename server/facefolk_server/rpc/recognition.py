"""The servicer of RecognitionService."""

from __future__ import annotations

from collections.abc import AsyncIterator

from facefolk.v1 import recognition_pb2 as pb
from facefolk.v1 import recognition_pb2_grpc, resources_pb2

from facefolk_server.rpc.context import Context, call_of
from facefolk_server.rpc.converters.assets import asset_to_proto
from facefolk_server.rpc.converters.checks import enum_from_proto, image_data
from facefolk_server.rpc.converters.recognition import (
    crops_from_proto,
    detected_to_proto,
    embeddings_reply_to_proto,
    min_score_from_proto,
    recognized_to_proto,
    submission_from_proto,
)
from facefolk_server.rpc.converters.search import (
    comparison_to_proto,
    max_distance_from_proto,
    query_from_proto,
    search_result_to_proto,
    side_from_proto,
)
from facefolk_server.rpc.converters.values import landmarks_from_proto
from facefolk_server.rpc.frame_stream import FrameStream
from facefolk_server.rpc.readiness import Readiness
from facefolk_server.service.assets import AssetFilter
from facefolk_server.service.paging import PageRequest


class RecognitionServicer(recognition_pb2_grpc.RecognitionServiceServicer):
    """Finding faces, embedding them, storing them, comparing and searching."""

    def __init__(self, readiness: Readiness, *, stream_in_flight: int) -> None:
        self._readiness = readiness
        self._stream_in_flight = stream_in_flight

    async def Detect(self, request: pb.DetectRequest, context: Context) -> pb.DetectResponse:
        """Find the faces of an image."""
        service, call = self._readiness.services.recognition, call_of(request, context)
        min_score = min_score_from_proto(request)
        found = await service.detect(call, image_data(request.image.data), min_score=min_score)
        return detected_to_proto(found)

    async def Embed(self, request: pb.EmbedRequest, context: Context) -> pb.EmbedResponse:
        """Embed faces of an image, or aligned crops."""
        service, call = self._readiness.services.recognition, call_of(request, context)
        if crops := crops_from_proto(request):
            return embeddings_reply_to_proto(await service.embed_crops(call, crops))
        image, landmarks = image_data(request.image.data), landmarks_from_proto(request.faces)
        return embeddings_reply_to_proto(await service.embed_faces(call, image, landmarks))

    async def Recognize(
        self, request: pb.RecognizeRequest, context: Context
    ) -> pb.RecognizeResponse:
        """Find, embed and store the faces of a frame."""
        service, call = self._readiness.services.recognition, call_of(request, context)
        return recognized_to_proto(
            await service.recognize(call, submission_from_proto(request))
        )

    def RecognizeStream(
        self, requests: AsyncIterator[pb.RecognizeStreamRequest], context: Context
    ) -> AsyncIterator[pb.RecognizeStreamResponse]:
        """Recognize many frames."""
        stream = FrameStream(self._readiness, context, max_in_flight=self._stream_in_flight)
        return stream.replies(requests)

    async def Compare(self, request: pb.CompareRequest, context: Context) -> pb.CompareResponse:
        """Measure the distances between the faces of two sides."""
        service, call = self._readiness.services.search, call_of(request, context)
        left = side_from_proto(request.left, "left")
        right = side_from_proto(request.right, "right")
        return comparison_to_proto(await service.compare(call, left, right))

    async def SearchFaces(
        self, request: pb.SearchFacesRequest, context: Context
    ) -> pb.SearchFacesResponse:
        """Find the stored faces nearest to a face."""
        service, call = self._readiness.services.search, call_of(request, context)
        results = await service.search(
            call,
            query_from_proto(request),
            k=request.k,
            max_distance=max_distance_from_proto(request),
            include_embedding=request.include_embedding,
            include_hidden=request.include_hidden,
        )
        return pb.SearchFacesResponse(results=[search_result_to_proto(r) for r in results])

    async def GetAsset(
        self, request: pb.GetAssetRequest, context: Context
    ) -> resources_pb2.Asset:
        """Tell what is known of an asset."""
        service, call = self._readiness.services.assets, call_of(request, context)
        return asset_to_proto(await service.get_asset(call, request.asset_id))

    async def ListAssets(
        self, request: pb.ListAssetsRequest, context: Context
    ) -> pb.ListAssetsResponse:
        """List assets."""
        service, call = self._readiness.services.assets, call_of(request, context)
        which = enum_from_proto(request.filter, AssetFilter, "filter", default=AssetFilter.ALL)
        request_page = PageRequest(request.page_size, request.page_token)
        page = await service.list_assets(call, request_page, which=which)
        return pb.ListAssetsResponse(
            assets=[asset_to_proto(asset) for asset in page.items],
            next_page_token=page.next_page_token,
        )

    async def DeleteAssets(
        self, request: pb.DeleteAssetsRequest, context: Context
    ) -> pb.DeleteAssetsResponse:
        """Erase assets with all their faces."""
        service, call = self._readiness.services.erasure, call_of(request, context)
        record = (await service.delete_assets(call, request.asset_ids)).record
        return pb.DeleteAssetsResponse(erasure_id=record.erasure_id, faces_deleted=record.faces)
