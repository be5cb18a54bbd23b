"""Which old face of a frame each new detection is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from facefolk_server.types import BoundingBox, Face

MIN_OVERLAP = 0.5


def take_over(
    old: Sequence[Face],
    boxes: Sequence[BoundingBox],
    *,
    width: int,
    height: int,
    min_overlap: float = MIN_OVERLAP,
) -> Mapping[int, str]:
    """Return the id of the old face that each new box takes over, by index of the box.

    Old boxes are scaled to the new image of `width` x `height` pixels. Pairs that overlap by
    at least `min_overlap` (intersection over union) are taken greatest overlap first, one
    to one; ties go to the lower face id, then to the box that comes first from the top left.
    """
    pairs: list[tuple[float, str, tuple[float, float, float, float], int]] = []
    for face in old:
        there = face.box.scaled(width / face.image_width, height / face.image_height)
        for index, box in enumerate(boxes):
            overlap = there.iou(box)
            if overlap >= min_overlap:
                place = (box.y_min, box.x_min, box.y_max, box.x_max)
                pairs.append((-overlap, face.face_id, place, index))
    taken: dict[int, str] = {}
    given: set[str] = set()
    for _, face_id, _, index in sorted(pairs):
        if index not in taken and face_id not in given:
            taken[index] = face_id
            given.add(face_id)
    return taken
