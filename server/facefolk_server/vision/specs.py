"""What the vision code has to know about a pack, as data.

Nothing here says where files come from; `packs` puts sources, checksums and licenses around
these records.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ChannelOrder = Literal["rgb", "bgr"]
Decoder = Literal["yunet", "scrfd", "centerface"]
Alignment = Literal["arcface", "dlib"]
Placement = Literal["top_left", "center"]
Triple = tuple[float, float, float]

INPUT_NAME = "pixels"
"""What prepared networks call their one input, uint8 RGB."""


@dataclass(frozen=True, slots=True)
class InputLayout:
    """How uint8 pixels become the network's input: `(pixel - mean) / std` per channel.

    `mean` and `std` are in pixel units (0..255) and in the network's `channel_order`.
    """

    channel_order: ChannelOrder = "rgb"
    mean: Triple = (0.0, 0.0, 0.0)
    std: Triple = (1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class StaticShape:
    """One shape of input that a session is built for, in images and pixels."""

    batch: int
    height: int
    width: int


@dataclass(frozen=True, slots=True)
class DetectorSpec:
    """A detector: its input, its decoding, and the static input shapes it is run at.

    `shapes` are `(height, width)` in pixels, multiples of `multiple`; an image goes, scaled
    by at most `max_upscale`, into the shape that costs least. Scaled like that it may go into
    one of `snug_shapes` instead, where that is smaller yet. `letterbox_color` is RGB
    0..255. `score_floor` is the lowest score that decoding keeps at all, `nms_iou` the
    overlap past which the weaker of two boxes goes. At most
    `max_candidates` boxes are compared, the best ones.
    """

    decoder: Decoder
    layout: InputLayout
    shapes: tuple[tuple[int, int], ...] = (
        (320, 320),
        (448, 640),
        (480, 640),
        (640, 448),
        (640, 480),
        (640, 640),
    )
    snug_shapes: tuple[tuple[int, int], ...] = ()
    strides: tuple[int, ...] = (8, 16, 32)
    anchors_per_cell: int = 1
    multiple: int = 32
    letterbox_color: tuple[int, int, int] = (0, 0, 0)
    placement: Placement = "top_left"
    max_upscale: float = 2.0
    nms_iou: float = 0.4
    score_floor: float = 0.02
    max_candidates: int = 2000


@dataclass(frozen=True, slots=True)
class EmbedderSpec:
    """A recognizer: how crops are aligned and what comes out.

    `crop_side` is the side of the square crop in pixels, `dimension` the embedding's length.
    With `mirrored` each crop is embedded together with its mirror image, at twice the time.
    With `quantized` the network computes in 8 bits, in a form that is made at first use.
    """

    layout: InputLayout
    dimension: int
    crop_side: int = 112
    alignment: Alignment = "arcface"
    mirrored: bool = False
    quantized: bool = False


@dataclass(frozen=True, slots=True)
class Pack:
    """A detector and a recognizer with the settings recommended for them.

    `recommended_distance` is a cosine distance (0..2), `recommended_min_score` a detection
    score (0..1). `guard_distance` is a mean distance at which groups of faces are best told
    apart, where that is not `recommended_distance`. `digest` names the exact files and specs;
    every stored face carries it.
    """

    name: str
    digest: str
    detector: DetectorSpec
    embedder: EmbedderSpec
    recommended_distance: float
    recommended_min_score: float = 0.7
    guard_distance: float | None = None

    @property
    def dimension(self) -> int:
        """The length of this pack's embeddings."""
        return self.embedder.dimension
