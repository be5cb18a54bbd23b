"""What became of the frames that were submitted, in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from facefolk_server.types import Frame


class FrameTable:
    """The last submission of each frame; read under the library's lock."""

    def __init__(self) -> None:
        self._frames: dict[str, dict[int, Frame]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Frame]:
        return (frame for frames in self._frames.values() for frame in frames.values())

    def get(self, asset_id: str, frame_offset_us: int) -> Frame | None:
        """Return a frame, None where it was never submitted."""
        return self._frames.get(asset_id, {}).get(frame_offset_us)

    def of_asset(self, asset_id: str) -> list[Frame]:
        """Return the frames of an asset in order."""
        return [frame for _, frame in sorted(self._frames.get(asset_id, {}).items())]

    def put(self, frames: Iterable[Frame]) -> None:
        """Add frames; those that are here already are replaced."""
        for frame in frames:
            of_asset = self._frames.setdefault(frame.asset_id, {})
            self._count += frame.frame_offset_us not in of_asset
            of_asset[frame.frame_offset_us] = frame

    def remove(self, asset_id: str) -> None:
        """Take the frames of an asset away, if it has any."""
        self._count -= len(self._frames.pop(asset_id, {}))
