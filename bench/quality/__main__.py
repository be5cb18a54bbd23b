"""Measure: `python -m bench.quality --photos PHOTOS --album orl --pack open`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from facefolk_server.errors import FacefolkError
from facefolk_server.vision.calibration import calibration_of
from facefolk_server.vision.pipeline import Pipeline
from facefolk_server.vision.specs import Pack
from rich.console import Console

from bench.quality import methods as compared
from bench.quality.albums import Album, load_albums
from bench.quality.bridges import judge_all
from bench.quality.calibration import judge_calibration
from bench.quality.detection import judge_detection
from bench.quality.embedded import Faces, embed
from bench.quality.hard import judge_conditions
from bench.quality.packs import load_pack
from bench.quality.pairs import judge_pairs
from bench.quality.report import plot, show
from bench.quality.variants import SETTINGS, VARIANTS, named_settings

SECTIONS = ("detection", "pairs", "calibration", "clusters", "bridges")
HARD_SECTION = "conditions"
_FILE_WIDTH = 150
_SHARES = (0.7, 0.8, 0.9, 1.0, 1.1, 1.2)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured of each album."""

    sections: Sequence[str]
    methods: Sequence[str]
    settings: Sequence[str]
    shares: Sequence[float]
    minimums: Sequence[int]
    pictures: int
    draws: int


def main(
    photos: Annotated[Path, typer.Option(help="albums with labels.csv, or a folder each")],
    album: Annotated[list[str] | None, typer.Option(help="albums of it; default: all")] = None,
    pack: Annotated[list[str] | None, typer.Option(help="packs; default: open")] = None,
    variant: Annotated[
        list[str] | None, typer.Option(help=f"{', '.join(VARIANTS)}; default: plain")
    ] = None,
    section: Annotated[
        list[str] | None,
        typer.Option(help=f"{', '.join((*SECTIONS, HARD_SECTION))}; default: all but the last"),
    ] = None,
    method: Annotated[list[str] | None, typer.Option(help=", ".join(compared.METHODS))] = None,
    setting: Annotated[
        list[str] | None, typer.Option(help=f"of rounds: {', '.join(SETTINGS)}; default: all")
    ] = None,
    distance: Annotated[
        list[float] | None, typer.Option(help="as shares of the pack's recommended distance")
    ] = None,
    minimum: Annotated[
        list[int] | None, typer.Option(help="minimum recognized faces; default: 3")
    ] = None,
    pictures: Annotated[
        int, typer.Option(help="at most so many of an album are made hard")
    ] = 200,
    draws: Annotated[int, typer.Option(help="how many times bridges are made anew")] = 1,
    cache: Annotated[Path, typer.Option(help="keeps models and embeddings")] = Path(
        ".cache/bench"
    ),
    out: Annotated[Path, typer.Option(help="gets quality.json and quality.svg")] = Path("out"),
) -> None:
    """Judge detection, distances and groups on albums with labels."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=_FILE_WIDTH)
    plan = Plan(
        sections=section or SECTIONS,
        methods=method or compared.METHODS,
        settings=setting or SETTINGS,
        shares=distance or _SHARES,
        minimums=minimum or [3],
        pictures=pictures,
        draws=draws,
    )
    albums = load_albums(photos, album or [])
    rows: list[dict[str, Any]] = []
    for pack_name in pack or ["open"]:
        for name in variant or ["plain"]:
            try:
                pipeline = load_pack(
                    pack_name, cache_dir=cache, mirrored=VARIANTS[name].mirrored
                )
            except FacefolkError as error:
                console.print(f"[yellow]pack {pack_name} is left out: {error}")
                break
            for one in albums:
                rows.extend(_measure(one, pipeline, name, plan, cache_dir=cache / "faces"))
    show(console, rows)
    out.mkdir(parents=True, exist_ok=True)
    (out / "quality.json").write_text(json.dumps(rows, indent=1) + "\n")
    (out / "quality.svg").write_text(plot(rows))


def _measure(
    album: Album, pipeline: Pipeline, name: str, plan: Plan, *, cache_dir: Path
) -> Iterator[dict[str, Any]]:
    variant = VARIANTS[name]
    pictures = variant.change(album)
    pack = pipeline.pack
    facts = {"pack": pack.name + variant.mark, "album": pictures.name}
    if HARD_SECTION in plan.sections:
        for row in judge_conditions(
            pictures,
            pipeline.detector,
            count=plan.pictures,
            min_score=pack.recommended_min_score,
        ):
            yield {**facts, **row}
    if set(SECTIONS).isdisjoint(plan.sections):
        return
    faces = embed(
        pictures,
        pipeline,
        cache_dir=cache_dir,
        min_score=pack.recommended_min_score,
        looks=variant.looks,
    )
    for row in _judge(faces, pack, plan):
        yield {**facts, **row}


def _judge(faces: Faces, pack: Pack, plan: Plan) -> Iterator[dict[str, Any]]:
    recommended = pack.recommended_distance
    distances = [round(share * recommended, 6) for share in plan.shares]
    if "detection" in plan.sections:
        yield {"section": "detection", **asdict(judge_detection(faces))}
    if faces.known.sum() < 2:
        return
    if "pairs" in plan.sections:
        yield {"section": "pairs", **asdict(judge_pairs(faces, distances))}
    if "calibration" in plan.sections:
        calibration = calibration_of(pack.name, recommended_distance=recommended)
        yield {"section": "calibration", **asdict(judge_calibration(faces, calibration))}
    settings = named_settings(pack, plan.settings)
    if "clusters" in plan.sections:
        yield from compared.judge(
            faces,
            methods=plan.methods,
            distances=distances,
            minimums=plan.minimums,
            settings=settings,
        )
    if "bridges" in plan.sections:
        for minimum in plan.minimums:
            yield from judge_all(
                faces.embeddings[faces.known],
                faces.labels[faces.known],
                distances=distances,
                minimum=minimum,
                settings=settings,
                pack=pack,
                draws=plan.draws,
            )


if __name__ == "__main__":
    typer.run(main)
