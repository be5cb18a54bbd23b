"""What speed costs in accuracy: `python -m bench.sameness PHOTOS`.

The pipeline as it serves, beside a plain one: decoded at full scale, the detector's common
shapes alone, float32 on the OpenVINO provider. Told are the faces that both find (boxes overlap
by 0.9), and the cosines of their embeddings.
"""

from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from facefolk_server.vision.loading import LoadOptions, load_pipeline
from facefolk_server.vision.ops import pairwise_iou
from facefolk_server.vision.packs import PackTable
from facefolk_server.vision.pipeline import Pipeline, PipelineOptions
from facefolk_server.vision.session import SessionFactory

from bench.harness import QUICK, Figure, Report
from bench.quality.packs import load_pack, model_files

ALBUMS = ("preview", "bbt", "orl", "lfw")
MIN_SCORE, MIN_IOU = 0.7, 0.9
STEP = 20 if QUICK else 1


def main(
    photos: Annotated[Path, typer.Argument(help="a folder with albums")],
    album: Annotated[list[str] | None, typer.Option(help="albums of it")] = None,
    pack: Annotated[str, typer.Option(help="the pack that serves")] = "open",
    cache: Annotated[Path, typer.Option(help="keeps models")] = Path(".cache/bench"),
) -> None:
    """Compare the pipeline that serves with a plain one."""
    ours, plain = load_pack(pack, cache_dir=cache), plain_pipeline(pack, cache)
    least = 0.98 if PackTable().get(pack).embedder.quantized else 0.995
    report = Report(f"The same faces: pack {pack} as it serves, and plain in float32")
    cosines: list[float] = []
    for name in album or ALBUMS:
        files = sorted(
            path for path in (photos / name).rglob("*") if path.suffix in {".jpg", ".png"}
        )
        chosen = files if name in ALBUMS[:2] else files[::STEP]
        cosines += compare(report, name, chosen, ours, plain)
    share = 100 * float((np.array(cosines) >= least).mean())
    report.add(Figure(f"all: cosine {least} or more", "%", share, share, share, aim="99"))
    report.finish("sameness" if pack == "open" else f"sameness-{pack}")


def plain_pipeline(name: str, cache: Path) -> Pipeline:
    """Return the pack with nothing done for speed."""
    pack = PackTable().get(name).pack()
    detector = dataclasses.replace(pack.detector, snug_shapes=())
    return load_pipeline(
        dataclasses.replace(pack, detector=detector),
        *model_files(name, cache_dir=cache, plain=True),
        sessions=SessionFactory(
            device="CPU",
            cache_dir=cache / "compiled",
            streams=len(os.sched_getaffinity(0)),
        ),
        options=LoadOptions(pipeline=PipelineOptions(detector_side=None)),
    )


def compare(
    report: Report, name: str, files: list[Path], ours: Pipeline, plain: Pipeline
) -> list[float]:
    """Report how many faces both pipelines find; return the cosines of their embeddings."""
    found = [0, 0]
    both = 0
    cosines: list[float] = []
    for path in files:
        data = path.read_bytes()
        one, other = (
            each.analyze(data, min_score=MIN_SCORE, thumbnails=False) for each in (ours, plain)
        )
        found[0] += len(one.detections)
        found[1] += len(other.detections)
        overlaps = pairwise_iou(other.detections.boxes, one.detections.boxes)
        if not overlaps.size:
            continue
        rows = np.flatnonzero(overlaps.max(axis=1) >= MIN_IOU)
        both += len(rows)
        mine = one.embeddings[overlaps.argmax(axis=1)[rows]]
        cosines += (mine * other.embeddings[rows]).sum(axis=1).tolist()
    counts = (("faces, plain", found[1]), ("faces, ours", found[0]), ("faces, both", both))
    for what, count in counts:
        report.add(Figure(f"{name}: {what}", "", count, count, count))
    low, middle = np.quantile(cosines, (0.01, 0.5)).tolist()
    report.add(Figure(f"{name}: cosine, 1st percentile", "", low, min(cosines), middle))
    return cosines


if __name__ == "__main__":
    sys.exit(typer.run(main))
