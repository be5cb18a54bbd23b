"""Which sessions run a pack fastest on this machine's CPU: measured once, kept and told.

OpenVINO's provider and ONNX Runtime's own give the same faces, and which of them is faster
depends on the processor and the network. The first time that a pack is loaded here both run
it for a moment, in turn; what was found is kept until the machine, the pack, the runtime or
the number of threads change.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from facefolk_server.errors import ModelUnavailableError
from facefolk_server.vision.network import ModelFile, Network
from facefolk_server.vision.selftest import reference_crop, reference_scene
from facefolk_server.vision.session import RUNTIME_VERSION, Provider, SessionFactory
from facefolk_server.vision.specs import Pack

PROVIDERS: tuple[Provider, ...] = ("onnxruntime", "openvino")
"""The first one is taken where they are equally fast: it compiles faster and holds less."""
_REVISION = 1
_BUDGET_SECONDS = 1.5
_CROPS = 4
"""About as many faces as a family's picture has."""
_TYPICAL_SHAPE = (480, 640)

_logger = logging.getLogger(__name__)

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Choice:
    """What runs a pack, and how many pictures a second each provider made of it.

    `rates` is empty where nothing was measured: `reason` says why. The rates are of networks
    alone, with `threads` at once and four faces in a picture.
    """

    provider: Provider
    threads: int
    rates: Mapping[Provider, float]
    reason: str = ""

    def __str__(self) -> str:
        if not self.rates:
            return f"{self.provider}, {self.threads} at once: {self.reason}"
        told = ", ".join(f"{name} {rate:.1f}" for name, rate in self.rates.items())
        return f"{self.provider}, {self.threads} at once; pictures a second: {told}"


class Sessions(Protocol):
    """Whatever knows with which sessions a pack is best run."""

    def of(
        self, pack: Pack, detector_model: ModelFile, embedder_model: ModelFile
    ) -> tuple[SessionFactory, Choice]:
        """Return the sessions of a pack, and why they are these."""


class PinnedSessions:
    """The same sessions for every pack."""

    def __init__(self, sessions: SessionFactory, *, reason: str) -> None:
        self._sessions = sessions
        self._reason = reason

    def of(
        self, pack: Pack, detector_model: ModelFile, embedder_model: ModelFile
    ) -> tuple[SessionFactory, Choice]:
        """Return the sessions, and why they are these."""
        del pack, detector_model, embedder_model
        sessions = self._sessions
        return sessions, Choice(sessions.provider, sessions.streams, {}, self._reason)


class MeasuredSessions:
    """The faster of some sessions; what was measured is kept in `folder`."""

    def __init__(self, candidates: Sequence[SessionFactory], *, folder: Path) -> None:
        self._candidates = {each.provider: each for each in candidates}
        self._folder = folder

    def of(
        self, pack: Pack, detector_model: ModelFile, embedder_model: ModelFile
    ) -> tuple[SessionFactory, Choice]:
        """Return the sessions that run the pack fastest, and how fast they and others are.

        Raises:
            ModelUnavailableError: none of them can run it.
        """
        threads = max(each.streams for each in self._candidates.values())
        path = self._folder / f"{pack.name}-{_key(pack, threads=threads)}.json"
        choice = _read(path)
        if choice is None or choice.provider not in self._candidates:
            works = {
                name: _work(pack, detector_model, embedder_model, sessions=sessions)
                for name, sessions in self._candidates.items()
            }
            rates = measure(works, threads=threads, seconds=_BUDGET_SECONDS)
            choice = Choice(max(rates, key=rates.__getitem__), threads, rates)
            _logger.info("pack %s runs on %s", pack.name, choice)
            _write(path, choice)
        return self._candidates[choice.provider], choice


def measure(
    works: Mapping[Provider, Work],
    *,
    threads: int,
    seconds: float,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[Provider, float]:
    """Return how often a second each piece of work is done, with `threads` at once.

    They are run in turn until the time is over, each at least twice, and the best turn of
    each counts: whatever else the machine does only makes a turn slower. Work that fails at
    its first turn, which does not count, is left out.

    Raises:
        ModelUnavailableError: all of it failed.
    """
    best: dict[Provider, float] = {}
    with ThreadPoolExecutor(threads) as pool:

        def turn(work: Work) -> float:
            began = clock()
            for done in [pool.submit(work) for _ in range(threads)]:
                done.result()
            return threads / (clock() - began)

        failure: ModelUnavailableError | None = None
        for name, work in works.items():
            try:
                turn(work)
            except ModelUnavailableError as exc:
                _logger.warning("%s cannot run this pack: %s", name, exc.message)
                failure = exc
            else:
                best[name] = 0.0
        if not best and failure is not None:
            raise failure
        end, turns = clock() + seconds, 0
        while turns < 2 or (clock() < end and len(best) > 1):
            for name in best:
                best[name] = max(best[name], turn(works[name]))
            turns += 1
    return best


def _work(
    pack: Pack,
    detector_model: ModelFile,
    embedder_model: ModelFile,
    *,
    sessions: SessionFactory,
) -> Work:
    """Return what the networks of a pack do for a picture."""
    shapes = pack.detector.shapes
    height, width = _TYPICAL_SHAPE if _TYPICAL_SHAPE in shapes else shapes[-1]
    scene = reference_scene(height=height, width=width)[None]
    crop = np.ascontiguousarray(reference_crop(pack.embedder)[None])
    detector = Network(detector_model, layout=pack.detector.layout, build=sessions.build)
    recognizer = Network(embedder_model, layout=pack.embedder.layout, build=sessions.build)

    def work() -> None:
        detector.run(scene)
        for _ in range(_CROPS):
            recognizer.run(crop)

    return work


def _key(pack: Pack, *, threads: int) -> str:
    """Return what a measurement holds for, as a short name."""
    facts = [_REVISION, _processor(), len(os.sched_getaffinity(0)), RUNTIME_VERSION]
    text = json.dumps([*facts, pack.digest, threads])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _processor() -> str:
    """Return the processor's model and what it can do, as Linux says."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    told = {"model name", "flags"}
    return "".join(dict.fromkeys(line for line in lines if line.split("\t")[0] in told))


def _read(path: Path) -> Choice | None:
    try:
        return Choice(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None  # measured anew


def _write(path: Path, choice: Choice) -> None:
    unfinished = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(json.dumps(asdict(choice)))
        unfinished.replace(path)
    except OSError as exc:
        _logger.warning("what was measured cannot be kept at %s: %s", path, exc.strerror)
