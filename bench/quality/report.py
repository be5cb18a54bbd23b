"""Tables for people, JSON for programs, a plot for both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.quality.pairs import FALSE_RATES

Row = Mapping[str, Any]
CLUSTER_COLUMNS = {
    "precision": "P",
    "recall": "R",
    "f": "F",
    "bcubed_f": "BCubed F",
    "ari": "ARI",
    "found": "found",
    "listed": "listed",
    "wrong": "wrong",
    "mixed": "mixed",
    "left": "left",
    "answers": "answers",
}
_COLORS = ("#0b6e4f", "#c0392b", "#2c5aa0", "#e08e0b", "#7d3c98", "#555555")
_WIDTH, _HEIGHT, _MARGIN = 640, 360, 50


def show(console: Console, rows: Sequence[Row]) -> None:
    """Print every section that has rows."""
    for section, printer in (
        ("detection", _show_detection),
        ("pairs", _show_pairs),
        ("clusters", _show_clusters),
        ("calibration", _show_calibration),
        ("bridges", _show_bridges),
        ("conditions", _show_conditions),
    ):
        part = [row for row in rows if row["section"] == section]
        if part:
            printer(console, part)


def _show_detection(console: Console, rows: Sequence[Row]) -> None:
    table = Table(
        "pack", "album", "counted", "recall", "surplus", "labelled", "with a face", "ms"
    )
    table.title = "Detection"
    for row in rows:
        table.add_row(
            row["pack"],
            row["album"],
            str(row["faces"]),
            f"{row['recall']:.4f}",
            str(row["surplus"]),
            str(row["person_pictures"]),
            f"{row['person_recall']:.4f}",
            f"{row['milliseconds']:.1f}",
        )
    console.print(table)


def _show_conditions(console: Console, rows: Sequence[Row]) -> None:
    table = Table(
        "pack", "album", "condition", "detector", "pictures", "recall", "surplus", "ms"
    )
    table.title = "Hard pictures"
    for row in rows:
        table.add_row(
            row["pack"],
            row["album"],
            row["condition"],
            row["detector"],
            str(row["pictures"]),
            f"{row['recall']:.4f}",
            str(row["surplus"]),
            f"{row['milliseconds']:.1f}",
        )
    console.print(table)


def _show_calibration(console: Console, rows: Sequence[Row]) -> None:
    columns = (
        "middle",
        "width",
        "brier",
        "error",
        "fitted_middle",
        "fitted_width",
        "held_out_error",
    )
    table = Table(
        "pack", "album", "matches", "people", *(name.replace("_", " ") for name in columns)
    )
    table.title = "Probability of a match by its distance"
    for row in rows:
        table.add_row(
            row["pack"],
            row["album"],
            str(row["matches"]),
            str(row["people"]),
            *(_number(row[name]) for name in columns),
        )
    console.print(table)


def _show_bridges(console: Console, rows: Sequence[Row]) -> None:
    columns = ("pairs", "bridges", "merged", "mixed", "wrong", "between", "unlisted")
    table = Table("pack", "album", "round", "E", "m", *columns)
    table.title = "Bridges between people"
    for row in rows:
        table.add_row(
            row["pack"],
            row["album"],
            row["setting"],
            f"{row['distance']:g}",
            str(row["minimum"]),
            *(str(row[name]) for name in columns),
        )
    console.print(table)


def _show_pairs(console: Console, rows: Sequence[Row]) -> None:
    rates = [f"TPR at {rate:g}" for rate in FALSE_RATES]
    table = Table("pack", "album", "same", "different", *rates, "best distance", "balanced")
    table.title = "Pairs"
    for row in rows:
        cuts = zip(row["true_rates"], row["at_distances"], strict=True)
        accuracy = zip(row["distances"], row["balanced_accuracy"], strict=True)
        table.add_row(
            row["pack"],
            row["album"],
            str(row["same"]),
            str(row["different"]),
            *(f"{rate:.4f} ({at:.3f})" for rate, at in cuts),
            f"{row['best_distance']:.3f}",
            " ".join(f"{d:g}:{a:.4f}" for d, a in accuracy),
        )
    console.print(table)


def _show_clusters(console: Console, rows: Sequence[Row]) -> None:
    by_album: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        by_album[row["pack"], row["album"]].append(row)
    for (pack, album), part in by_album.items():
        table = Table("method", "E", "m", *CLUSTER_COLUMNS.values())
        table.title = f"{album} with {pack}: {part[0]['true']} people"
        for row in part:
            table.add_row(
                row["method"],
                "-" if row["distance"] is None else f"{row['distance']:g}",
                str(row["minimum"]),
                *(_number(row[name]) for name in CLUSTER_COLUMNS),
            )
        console.print(table)


def _number(value: float) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def plot(rows: Sequence[Row]) -> str:
    """Return an SVG of ARI by distance, one panel for each pack and album."""
    panels: dict[tuple[str, str], dict[str, list[tuple[float, float]]]] = defaultdict(dict)
    for row in rows:
        if row["section"] == "clusters" and row["distance"] is not None:
            lines = panels[row["pack"], row["album"]]
            lines.setdefault(f"{row['method']}, m={row['minimum']}", []).append(
                (row["distance"], row["ari"])
            )
    height = max(1, len(panels)) * _HEIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH + 260}" height="{height}" '
        'font-family="sans-serif" font-size="12">'
    ]
    for place, ((pack, album), lines) in enumerate(panels.items()):
        parts.append(f'<g transform="translate(0 {place * _HEIGHT})">')
        parts.append(
            f'<text x="{_MARGIN}" y="20">ARI on {album} with {pack}, by distance</text>'
        )
        parts.extend(_panel(lines))
        parts.append("</g>")
    return "\n".join([*parts, "</svg>", ""])


def _panel(lines: Mapping[str, Sequence[tuple[float, float]]]) -> list[str]:
    xs = [x for points in lines.values() for x, _ in points]
    low, high = min(xs), max(xs)
    span = (high - low) or 1.0
    inner_width, inner_height = _WIDTH - 2 * _MARGIN, _HEIGHT - 2 * _MARGIN

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            _MARGIN + (x - low) / span * inner_width,
            _HEIGHT - _MARGIN - max(0.0, y) * inner_height,
        )

    parts = []
    for step in range(6):
        x, y = place(low, step / 5)
        parts.append(
            f'<path d="M{x} {y:.1f}h{inner_width}" stroke="#ddd"/>'
            f'<text x="{x - 30}" y="{y + 4:.1f}">{step / 5:g}</text>'
        )
    for distance in sorted(set(xs)):
        x, y = place(distance, 0)
        parts.append(f'<text x="{x - 10:.1f}" y="{y + 18}">{distance:g}</text>')
    for number, (name, points) in enumerate(lines.items()):
        color = _COLORS[number % len(_COLORS)]
        dashes = "" if number < len(_COLORS) else ' stroke-dasharray="4 3"'
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*p) for p in sorted(points)))
        label = 30 + 16 * number
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"{dashes}/>'
            f'<text x="{_WIDTH - 20}" y="{label}" fill="{color}">{name}</text>'
        )
    return parts
