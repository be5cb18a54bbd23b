"""What the calls that take images answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from facefolk.errors import FacefolkError
from facefolk.types.faces import Face, Match


@dataclass(frozen=True, slots=True)
class Detection:
    """The faces of an image, highest score first.

    `width` and `height` are those of the upright image; `timings` holds milliseconds by stage.
    """

    faces: tuple[Face, ...]
    width: int
    height: int
    pack: str
    timings: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Embeddings:
    """Vectors of unit length in the order of the request.

    Only embeddings of one `pack_digest` can be compared.
    """

    embeddings: tuple[tuple[float, ...], ...]
    pack: str
    pack_digest: str
    timings: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Submission:
    """One frame for the server to recognize.

    `image` is an encoded JPEG, PNG or WebP. `content_digest` tells one version of the picture
    from another. `correlation_id` is the caller's own and comes back with the outcome.
    """

    asset_id: str
    image: bytes
    frame_offset: timedelta = timedelta()
    content_digest: str = ""
    capture_time: datetime | None = None
    correlation_id: str = ""


@dataclass(frozen=True, slots=True)
class RecognizedFace:
    """A face with its nearest person, None where nobody is near enough."""

    face: Face
    match: Match | None


@dataclass(frozen=True, slots=True)
class Recognition:
    """The faces of one frame, highest score first, each with its nearest person."""

    faces: tuple[RecognizedFace, ...]
    width: int
    height: int
    pack: str
    timings: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one submission of a stream: a recognition or an error."""

    correlation_id: str
    recognition: Recognition | None
    error: FacefolkError | None


@dataclass(frozen=True, slots=True)
class ComparedPair:
    """The cosine distance (0..2) of a face of the left side and one of the right, by index."""

    left: int
    right: int
    distance: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """The faces of both sides and all their pairs, nearest first.

    Within `max_recognition_distance` the library's settings take two faces for one person.
    """

    left_faces: tuple[Face, ...]
    right_faces: tuple[Face, ...]
    pairs: tuple[ComparedPair, ...]
    max_recognition_distance: float


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A stored face and its cosine distance, 0..2."""

    face: Face
    distance: float


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What was found for one face: stored faces, nearest first, and the nearest person."""

    query: Face
    hits: tuple[SearchHit, ...]
    match: Match | None
