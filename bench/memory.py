"""Memory: `python -m bench.memory PHOTOS`, a folder of photos.

What a server holds idle, and while it takes in images that are all different: each is a photo
of the folder cropped, enlarged and encoded anew, so no two have a digest or a face in common.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from facefolk import AsyncClient, Client

from bench.harness import QUICK, Figure, Report, figure
from bench.servers import Running, serving, until_serving

CONCURRENCY = 8
STEPS = 20
MIN_STEP = 50
SLOPE_FROM = 2_000
"""Fewer images tell what fills caches, not what grows with their number."""
SIDES = (480, 960, 1440)
_SEED = 20240501


def main(
    photos: Annotated[Path, typer.Argument(help="a folder of photos")],
    *,
    images: Annotated[int, typer.Option(help="images taken in")] = 200 if QUICK else 1000,
) -> None:
    """Measure memory over many images; --images 10000 for the slope (ten minutes and more)."""
    files = sorted(path for path in photos.rglob("*") if path.suffix in {".jpg", ".png"})
    report = Report(f"Resident memory over {images:,} images", live=True)
    previews = enumerate(varied(files))
    step = max(MIN_STEP, images // STEPS)
    with (
        tempfile.TemporaryDirectory(dir=".") as folder,
        serving(Path(folder), durability="process") as server,
    ):
        until_serving(server)
        report.add(_megabytes("idle, nothing taken in", server.resident_bytes).below(500))
        held = []
        for sent in range(step, images + 1, step):
            asyncio.run(_submit(server.address, previews, count=step))
            held.append(server.resident_bytes)
            report.add(_megabytes(f"after {sent:,} images", held[-1]).below(500))
        report.add(_megabytes("at most", server.peak_bytes))
        faces = _faces(server)
    report.notes = f"{faces:,} faces were stored"
    if images >= SLOPE_FROM:
        later = held[len(held) // 4 :]
        slope = float(np.polyfit(np.arange(len(later)) * step / 1000, later, 1)[0]) / 1e6
        report.notes += "; the slope is without the first quarter, which fills caches"
        report.add(figure("slope a thousand images", "MB", [slope]).below(1))
    report.finish("memory")


def varied(files: Sequence[Path]) -> Iterator[bytes]:
    """Return JPEGs without end, each another part of a photo at another size."""
    random = np.random.default_rng(_SEED)
    while True:
        for file in files:
            pixels = cv2.imread(str(file))
            height, width = pixels.shape[:2]
            left, right = random.integers(0, max(1, width // 16), 2)
            top, bottom = random.integers(0, max(1, height // 16), 2)
            part = pixels[top : height - bottom, left : width - right]
            scale = random.choice(SIDES) / max(part.shape[:2])
            part = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
            quality = [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(75, 96))]
            yield cv2.imencode(".jpg", part, quality)[1].tobytes()


async def _submit(address: str, previews: Iterator[tuple[int, bytes]], *, count: int) -> None:
    async with AsyncClient(address, timeout_seconds=300) as client:
        turns = iter(range(count))

        async def caller() -> None:
            for _ in turns:
                number, image = next(previews)
                await client.recognize(f"varied/{number:06}.jpg", image)

        await asyncio.gather(*(caller() for _ in range(CONCURRENCY)))


def _faces(server: Running) -> int:
    with Client(server.address) as client:
        return sum(1 for _ in client.list_faces(unassigned=True))


def _megabytes(name: str, held: int) -> Figure:
    return figure(name, "MB", [held / 1e6])


if __name__ == "__main__":
    sys.exit(typer.run(main))
