"""The calls that take images, and those about assets."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from facefolk._calls.base import Caller, Paged, Unary, paged, unary
from facefolk._convert import assets, faces, moving, recognition
from facefolk._pages import Page
from facefolk.types import (
    Asset,
    AssetFilter,
    AssetsDeleted,
    Comparison,
    Detection,
    Embeddings,
    Face,
    Recognition,
    SearchResult,
    Submission,
)
from facefolk.v1 import recognition_pb2 as pb
from facefolk.v1.resources_pb2 import Embedding, Image

FaceSource = bytes | str | Sequence[float]
"""Where a face comes from: an encoded image, the id of a stored face, or an embedding."""


class RecognitionCalls(Caller):
    """RecognitionService."""

    @unary
    def detect(self, image: bytes, *, min_score: float | None = None) -> Unary[Detection]:
        """Find the faces of an encoded image; nothing is stored.

        `min_score` (0..1) stands in for the library's setting.
        """
        request = pb.DetectRequest(
            library_id=self.library_id, image=Image(data=image), min_score=min_score
        )
        return Unary(lambda s: s.recognition.Detect, request, recognition.detection_from_proto)

    @unary
    def embed_faces(self, image: bytes, face_list: Sequence[Face]) -> Unary[Embeddings]:
        """Embed faces of an image by their landmarks; nothing is stored."""
        request = pb.EmbedRequest(
            library_id=self.library_id,
            image=Image(data=image),
            faces=[faces.landmarks_to_proto(face) for face in face_list],
        )
        return Unary(lambda s: s.recognition.Embed, request, recognition.embeddings_from_proto)

    @unary
    def embed_crops(self, crops: Sequence[bytes]) -> Unary[Embeddings]:
        """Embed encoded aligned crops of the pack's own input size; nothing is stored."""
        request = pb.EmbedRequest(
            library_id=self.library_id, crops=[Image(data=crop) for crop in crops]
        )
        return Unary(lambda s: s.recognition.Embed, request, recognition.embeddings_from_proto)

    @unary
    def recognize(
        self,
        asset_id: str,
        image: bytes,
        *,
        frame_offset: timedelta = timedelta(),
        content_digest: str = "",
        capture_time: datetime | None = None,
        dry_run: bool = False,
        include_embedding: bool = False,
        include_hidden: bool = False,
    ) -> Unary[Recognition]:
        """Find, embed and store the faces of a frame, and tell the nearest person of each.

        Sent again for the same frame it replaces that frame's faces; those that are still
        there keep their ids, people and marks. With `dry_run` nothing is stored.
        """
        submission = Submission(asset_id, image, frame_offset, content_digest, capture_time)
        request = recognition.submission_to_proto(submission, library_id=self.library_id)
        request.dry_run = dry_run
        request.include_embedding = include_embedding
        request.include_hidden = include_hidden
        return Unary(
            lambda s: s.recognition.Recognize, request, recognition.recognition_from_proto
        )

    @unary
    def compare(self, left: FaceSource, right: FaceSource) -> Unary[Comparison]:
        """Tell how far the faces of two images, stored faces or embeddings are apart."""
        request = pb.CompareRequest(
            library_id=self.library_id, left=_side(left), right=_side(right)
        )
        return Unary(
            lambda s: s.recognition.Compare, request, recognition.comparison_from_proto
        )

    @unary
    def search_faces(
        self,
        query: FaceSource,
        *,
        k: int = 10,
        max_distance: float | None = None,
        include_embedding: bool = False,
        include_hidden: bool = False,
    ) -> Unary[tuple[SearchResult, ...]]:
        """Find the `k` stored faces nearest to each face looked for.

        `max_distance` (cosine, 0..2) stands in for the library's setting.
        """
        side = _side(query)
        request = pb.SearchFacesRequest(
            library_id=self.library_id,
            k=k,
            max_distance=max_distance,
            include_embedding=include_embedding,
            include_hidden=include_hidden,
            **{side.WhichOneof("source"): getattr(side, side.WhichOneof("source"))},
        )
        return Unary(
            lambda s: s.recognition.SearchFaces, request, recognition.search_results_from_proto
        )

    @unary
    def get_asset(self, asset_id: str) -> Unary[Asset]:
        """Tell what is known of an asset."""
        request = pb.GetAssetRequest(library_id=self.library_id, asset_id=asset_id)
        return Unary(lambda s: s.recognition.GetAsset, request, assets.asset_from_proto)

    @paged
    def list_assets(
        self, *, which: AssetFilter = AssetFilter.ALL, page_size: int = 1000
    ) -> Paged[Asset]:
        """List assets by id."""
        request = pb.ListAssetsRequest(
            library_id=self.library_id,
            filter=pb.AssetFilter.Name(which),
            page_size=page_size,
        )
        return Paged(lambda s: s.recognition.ListAssets, request, _asset_page)

    @unary
    def delete_assets(
        self, asset_ids: Sequence[str], *, request_id: str = ""
    ) -> Unary[AssetsDeleted]:
        """Erase assets with their faces, embeddings and thumbnails; no undo brings them back.

        They are in no list any more; `wait_for_erasure` tells when no file holds them.
        """
        request = pb.DeleteAssetsRequest(
            library_id=self.library_id,
            asset_ids=asset_ids,
            request_id=request_id or uuid.uuid4().hex,
        )
        return Unary(
            lambda s: s.recognition.DeleteAssets, request, moving.assets_deleted_from_proto
        )


def _side(source: FaceSource) -> pb.CompareSide:
    if isinstance(source, bytes):
        return pb.CompareSide(image=Image(data=source))
    if isinstance(source, str):
        return pb.CompareSide(face_id=source)
    return pb.CompareSide(embedding=Embedding(values=source))


def _asset_page(reply: pb.ListAssetsResponse) -> Page[Asset]:
    items = tuple(assets.asset_from_proto(asset) for asset in reply.assets)
    return Page(items, reply.next_page_token)
