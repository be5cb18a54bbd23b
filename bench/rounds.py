"""Rounds: `python -m bench.rounds`; `--large` for a million faces (two hours).

ALL and MISSING rounds over generated faces, beside the bare matrix product that any exact way
has to compute, and scikit-learn's DBSCAN. Both clocks are told: seconds, and seconds of
processors, which the load of other programs moves less.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from bench.faces import DIMENSION
from bench.harness import QUICK, Figure, Report, figure
from bench.round_runs import DISTANCE, MINIMUM, NEW_FACES, Run, run_apart

_PEER_COUNT = 20_000


def main(
    *,
    quick: Annotated[bool, typer.Option(help="20,000 faces, each run once")] = QUICK,
    large: Annotated[bool, typer.Option(help="a million faces, each run once")] = False,
    exact: Annotated[
        bool, typer.Option(help="with --large: the exact ALL round too, half an hour")
    ] = True,
) -> None:
    """Measure rounds against the bare product and scikit-learn."""
    count = 1_000_000 if large else 20_000 if quick else 100_000
    times = 1 if quick or large else 3
    title = f"Rounds over {count:,} generated faces, E {DISTANCE}, m {MINIMUM}"
    bench = _Bench(Report(title, live=True), count, times)
    bench.missing()
    if large:
        bench.all_rounds(product_count=100_000, exact=exact, guarded=False)
    else:
        bench.all_rounds(product_count=count, exact=True, guarded=True)
        bench.peer()
    bench.report.finish("rounds-large" if large else "rounds")


class _Bench:
    """Runs and their figures."""

    def __init__(self, report: Report, count: int, times: int) -> None:
        self.report = report
        self._count = count
        self._times = times

    def missing(self) -> None:
        """Measure MISSING rounds beside the product of new faces and all."""
        names = ("queued product", "missing", "missing, guarded")
        runs = self._in_turn(names, self._count)
        product = self._told(
            f"bare product, {NEW_FACES:,} x {self._count:,}", runs["queued product"]
        )
        for name, guard in (("missing", "off"), ("missing, guarded", "on")):
            what = f"MISSING, {NEW_FACES:,} new faces, guard {guard}"
            self._told(what, runs[name], product, aim="under 2")

    def all_rounds(self, *, product_count: int, exact: bool, guarded: bool) -> None:
        """Measure ALL rounds beside the symmetric product."""
        products = self._in_turn(("product",), product_count)["product"]
        scale = (self._count / product_count) ** 2
        scaled = f", scaled from {product_count:,}" if scale > 1 else ""
        product = self._told(f"bare symmetric product{scaled}", products, scale=scale)
        names = ["all"] * exact + ["all, guarded"] * guarded
        runs = self._in_turn((*names, "all, approximate"), self._count)
        for name in names:
            guard = "on" if name == "all, guarded" else "off"
            self._told(f"ALL, exact, guard {guard}", runs[name], product, aim="under 1.5")
            self._memory(f"ALL, exact, guard {guard}", runs[name])
        approximate = runs["all, approximate"]
        self._told("ALL, approximate", approximate, product, aim="under 0.2")
        self._memory("ALL, approximate", approximate)
        recalls = [run.told["recall"] for run in approximate]
        self.report.add(figure("ALL, approximate: neighbors found", "share", recalls))
        for name in runs:
            people = [run.told["people"] for run in runs[name]]
            self.report.add(figure(f"people made: {name}", "", people))

    def peer(self) -> None:
        """Measure scikit-learn, whose memory and time grow with the square of the faces."""
        peer, ours = (run_apart(name, _PEER_COUNT) for name in ("dbscan", "all"))
        scale = (self._count / _PEER_COUNT) ** 2
        of = f"scikit-learn DBSCAN at {_PEER_COUNT:,}, scaled by n squared"
        told = self._told(of, [peer], scale=scale)
        mine = {one.name: one for one in self.report.figures}
        for clock, other in told.items():
            one = mine[f"ALL, exact, guard off, {clock}"]
            self.report.add(one.against(other, aim="10", inverse=True))
        same = 1.0 if peer.told["core_groups"] == ours.told["core_groups"] else 0.0
        self.report.add(figure(f"the same core groups at {_PEER_COUNT:,}", "0 or 1", [same]))

    def _in_turn(self, names: Sequence[str], count: int) -> dict[str, list[Run]]:
        runs: dict[str, list[Run]] = {name: [] for name in names}
        for _ in range(self._times):
            for name in names:
                runs[name].append(run_apart(name, count))
        return runs

    def _told(
        self,
        name: str,
        runs: Sequence[Run],
        limit: dict[str, Figure] | None = None,
        *,
        aim: str = "",
        scale: float = 1.0,
    ) -> dict[str, Figure]:
        told = {}
        for clock in ("wall", "cpu"):
            values = [getattr(run, clock) * scale for run in runs]
            one = figure(f"{name}, {clock}", "s", values)
            told[clock] = self.report.add(one.against(limit[clock], aim=aim) if limit else one)
        return told

    def _memory(self, name: str, runs: Sequence[Run]) -> None:
        vectors = self._count * DIMENSION * 4 / 1e6
        most = 3000 if self._count >= 1_000_000 else 2 * vectors + 300
        limit = figure(f"{most:,.0f} MB", "MB", [most])
        peak = figure(f"{name}, peak memory", "MB", [run.peak_mb for run in runs])
        self.report.add(peak.against(limit, aim="under 1"))


if __name__ == "__main__":
    sys.exit(typer.run(main))
