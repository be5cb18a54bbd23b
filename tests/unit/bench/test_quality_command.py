"""The whole command on a small album, with a real pack."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bench.quality.__main__ import main


@pytest.fixture
def arguments(
    hub: Path, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    monkeypatch.setenv("FACEFOLK_MODEL_MIRROR", str(hub))
    folders = ["--cache", str(tmp_path / "cache"), "--out", str(tmp_path / "out")]
    return ["--photos", str(photos), "--album", "bbt", *folders]


@pytest.mark.models
def test_every_section_is_measured(arguments: list[str], tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(main)
    runner = CliRunner()
    result = runner.invoke(app, [*arguments, "--distance", "1.0"])
    assert result.exit_code == 0, result.output
    rows = json.loads((tmp_path / "out" / "quality.json").read_text())
    sections = [row["section"] for row in rows]
    assert set(sections) == {"detection", "pairs", "calibration", "clusters", "bridges"}
    methods = {row["method"]: row for row in rows if row["section"] == "clusters"}
    assert methods["DBSCAN"]["ari"] == methods["one ALL round, plain"]["ari"] == 1
    assert methods["one ALL round, guard and gate"]["listed"] == 8
    assert {"HDBSCAN", "greedy, median of 20", "ten MISSING rounds, guard"} <= set(methods)
    plot = (tmp_path / "out" / "quality.svg").read_text()
    assert plot.startswith("<svg")
    assert "ARI on bbt with open" in plot
    assert "BCubed F" in result.output
    (kept,) = (tmp_path / "cache" / "faces").iterdir()
    before = kept.stat().st_mtime_ns
    again = runner.invoke(app, [*arguments, "--distance", "1.0", "--section", "detection"])
    assert again.exit_code == 0, again.output
    assert kept.stat().st_mtime_ns == before
    (row,) = json.loads((tmp_path / "out" / "quality.json").read_text())
    assert (row["recall"], row["surplus"]) == (1.0, 0)


@pytest.mark.models
@pytest.mark.slow
def test_hard_pictures_are_measured(arguments: list[str], tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(main)
    extra = ["--section", "conditions", "--pictures", "4"]
    result = CliRunner().invoke(app, [*arguments, *extra])
    assert result.exit_code == 0, result.output
    rows = json.loads((tmp_path / "out" / "quality.json").read_text())
    recall = {(row["detector"], row["condition"]): row["recall"] for row in rows}
    for quarters in (90, 180, 270):
        assert recall["plain", f"turned {quarters}"] == 0
        assert recall["turned", f"turned {quarters}"] == 1
    for share in ("40%", "60%", "80%", "95%"):
        assert recall["close", f"fills {share}"] == 1
    assert recall["tiny", "24 px in 1440"] > recall["plain", "24 px in 1440"]
    assert recall["all", "24 px in 1440"] == recall["tiny", "24 px in 1440"]
