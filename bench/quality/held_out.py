"""Constants chosen on some people and judged on others: `python -m bench.quality.held_out`.

The guard's factors are chosen on half of the people of one album and all of a second, the
gate's quality on half of the people of the second one, a third of it made worse; both are
judged on the other halves and on an album that had no part in it. What the product has stands
beside what is chosen: where the two are as good, it is not fitted to what it is judged on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from facefolk_server.clustering import ChainGuard, QualityGate, RoundParameters
from facefolk_server.vision.pipeline import Pipeline
from facefolk_server.vision.specs import Pack
from rich.console import Console
from rich.table import Table

from bench.quality.albums import load_albums
from bench.quality.embedded import UNKNOWN, Faces, embed
from bench.quality.ours import one_round
from bench.quality.packs import load_pack
from bench.quality.scores import Scores, score
from bench.quality.variants import VARIANTS, Extras

SHARES = (1.0, 1.1, 1.2)
GUARD_FACTORS = (1.0, 1.1, 1.2, 1.3, 1.4)
"""Of mean distances between large groups; small ones get a tenth more, as in the product."""
GATE_QUALITIES = (0.0, 0.26, 0.3, 0.34, 0.38, 0.42)
WORSE = ("degraded24", "degraded32", "degraded", "degraded48")
MINIMUM = 3
SAME = 1e-4
"""Constants are as good as each other within this much ARI."""
_WIDTH = 150

Candidates = Mapping[float, Extras]


@dataclass(frozen=True, slots=True)
class Judged:
    """How a constant does on some albums, over the distances: mean ARI and recall of pairs,
    and the sum of wrong faces."""

    ari: float
    recall: float
    wrong: int

    @classmethod
    def over(cls, scores: Sequence[Scores]) -> Judged:
        """Put together what was found on each album at each distance."""
        return cls(
            float(np.mean([one.ari for one in scores])),
            float(np.mean([one.recall for one in scores])),
            sum(one.wrong for one in scores),
        )


def guards(pack: Pack) -> Candidates:
    """Return guards by the factor of their limits."""
    best = pack.guard_distance or pack.recommended_distance
    shipped = ChainGuard.at(best)

    def extras(factor: float, _distance: float) -> Mapping[str, Any]:
        guard = ChainGuard(
            small_limit=(factor + 0.1) * best,
            large_limit=factor * best,
            fragment_limit=(factor + 0.1) * best,
            fragment_margin=shipped.fragment_margin,
            member_limit=(factor + 0.3) * best,
            far_limit=(factor + 0.1) * best,
        )
        return {"chain_guard": guard}

    return {factor: partial(extras, factor) for factor in GUARD_FACTORS}


def gates(pack: Pack) -> Candidates:
    """Return gates by their least quality at the pack's distance, 0 for none."""
    best = pack.guard_distance or pack.recommended_distance
    guard = ChainGuard.at(best)
    start = QualityGate().min_quality

    def extras(quality: float, distance: float) -> Mapping[str, Any]:
        if not quality:
            return {"chain_guard": guard}
        beyond = QualityGate.at(distance, recommended=best).min_quality - start
        return {"chain_guard": guard, "quality_gate": QualityGate(quality + beyond)}

    return {quality: partial(extras, quality) for quality in GATE_QUALITIES}


def halves(faces: Faces, *, seed: int) -> tuple[Faces, Faces]:
    """Return the faces in pictures of half of the people, and in those of the others."""
    people = np.unique(faces.labelled[faces.labelled != UNKNOWN])
    chosen = np.random.default_rng(seed).permutation(people)[: len(people) // 2]
    ours = np.isin(faces.labelled, chosen)[faces.picture]
    return faces.take(ours), faces.take(~ours)


def judge(faces: Faces, extras: Extras, pack: Pack) -> Judged:
    """Run a round over an album at each distance."""
    scores = []
    for share in SHARES:
        distance = share * pack.recommended_distance
        given = partial(
            RoundParameters,
            max_distance=distance,
            min_faces=MINIMUM,
            **extras(distance),
        )
        scores.append(score(one_round(faces, given), faces.labels, minimum=MINIMUM))
    return Judged.over(scores)


def chosen(found: Mapping[float, Sequence[Judged]]) -> float:
    """Return the constant with the best ARI over some albums, of several the middle one."""
    ari = {value: float(np.mean([one.ari for one in some])) for value, some in found.items()}
    best = [value for value in ari if ari[value] >= max(ari.values()) - SAME]
    return best[len(best) // 2]


def judge_held_out(
    candidates: Candidates,
    *,
    halved: Sequence[Faces],
    fitted: Sequence[Faces],
    unseen: Sequence[Faces],
    pack: Pack,
    draws: int,
) -> Iterator[tuple[float, Mapping[float, Sequence[Judged]]]]:
    """Yield of each draw what is chosen, and how all do on the other halves and the unseen.

    Chosen is on halves of the `halved` albums and all of the `fitted` ones.
    """
    whole = {
        value: [judge(one, extras, pack) for one in (*fitted, *unseen)]
        for value, extras in candidates.items()
    }
    for draw in range(draws):
        parts = [halves(one, seed=draw) for one in halved]
        seen, others = {}, {}
        for value, extras in candidates.items():
            ours, theirs = (
                [judge(one, extras, pack) for one in side] for side in zip(*parts, strict=True)
            )
            seen[value] = (*ours, *whole[value][: len(fitted)])
            others[value] = (*theirs, *whole[value][len(fitted) :])
        yield chosen(seen), others


def main(
    photos: Annotated[Path, typer.Option(help="has the albums lfw, orl and bbt")],
    pack: Annotated[list[str] | None, typer.Option(help="packs; default: open")] = None,
    draws: Annotated[int, typer.Option(help="how often people are put in halves")] = 10,
    cache: Annotated[Path, typer.Option(help="keeps models and embeddings")] = Path(
        ".cache/bench"
    ),
) -> None:
    """Choose the constants of guard and gate on some people, and judge them on others."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    for name in pack or ["open"]:
        pipeline = load_pack(name, cache_dir=cache)
        lfw, orl, bbt = (_faces(photos, one, pipeline, cache) for one in ("lfw", "orl", "bbt"))
        found = judge_held_out(
            guards(pipeline.pack),
            halved=[lfw],
            fitted=[orl],
            unseen=[bbt],
            pack=pipeline.pack,
            draws=draws,
        )
        _show(console, f"The guard's factor, {name}", list(found), 1.2, ("lfw", "bbt"))
        worse = [_faces(photos, "orl", pipeline, cache, variant) for variant in WORSE]
        found = judge_held_out(
            gates(pipeline.pack),
            halved=worse,
            fitted=[],
            unseen=[bbt],
            pack=pipeline.pack,
            draws=draws,
        )
        shipped = QualityGate().min_quality
        _show(console, f"The gate's quality, {name}", list(found), shipped, (*WORSE, "bbt"))


def _faces(
    photos: Path, album: str, pipeline: Pipeline, cache: Path, variant: str = "plain"
) -> Faces:
    (pictures,) = load_albums(photos, [album])
    return embed(
        VARIANTS[variant].change(pictures),
        pipeline,
        cache_dir=cache / "faces",
        min_score=pipeline.pack.recommended_min_score,
    )


def _show(
    console: Console,
    title: str,
    found: Sequence[tuple[float, Mapping[float, Sequence[Judged]]]],
    shipped: float,
    parts: Sequence[str],
) -> None:
    """Print how often each constant was chosen, and how it does on what is held out."""
    table = Table("constant", "chosen", *(f"{part}: ARI / recall / wrong" for part in parts))
    times = Counter(value for value, _ in found)
    rows = {
        f"{value:g}{' (the product)' if value == shipped else ''}": [o[value] for _, o in found]
        for value in found[0][1]
    }
    for (name, some), value in zip(rows.items(), found[0][1], strict=True):
        table.add_row(name, str(times[value]), *_cells(some))
    table.add_row("what was chosen", "", *_cells([others[value] for value, others in found]))
    table.title = title
    console.print(table)


def _cells(found: Sequence[Sequence[Judged]]) -> Iterator[str]:
    """Yield the means over draws, part by part."""
    for some in zip(*found, strict=True):
        ari, recall, wrong = (
            np.mean([getattr(one, name) for one in some]) for name in ("ari", "recall", "wrong")
        )
        yield f"{ari:.4f} / {recall:.3f} / {wrong:.1f}"


if __name__ == "__main__":
    typer.run(main)
