"""What has to be done with a model file before a session can load it, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Conversion:
    """`run(source, target)` writes the ONNX form of `source`.

    `revision` goes up when the result changes, so that older results are left aside.
    """

    name: str
    revision: int
    run: Callable[[Path, Path], None]

    @property
    def tag(self) -> str:
        """The name under which results are kept."""
        return f"{self.name}-{self.revision}"


def _dlib(source: Path, target: Path) -> None:
    from facefolk_server.vision.dlib_network import convert  # slow to import

    convert(source, target)


CONVERSIONS: Mapping[str, Conversion] = MappingProxyType({"dlib": Conversion("dlib", 1, _dlib)})
