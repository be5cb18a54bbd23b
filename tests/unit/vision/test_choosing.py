"""The sessions that run a pack: measured once, kept, and measured anew where that is due."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from builders import recognizer, yunet
from facefolk_server.errors import ModelUnavailableError
from facefolk_server.vision import choosing
from facefolk_server.vision.choosing import Choice, MeasuredSessions, PinnedSessions, measure
from facefolk_server.vision.session import Provider, Session, SessionFactory
from facefolk_server.vision.specs import DetectorSpec, EmbedderSpec, InputLayout, Pack

PACK = Pack(
    name="mini",
    digest="d" * 64,
    detector=DetectorSpec("yunet", InputLayout(channel_order="bgr"), shapes=((64, 64),)),
    embedder=EmbedderSpec(InputLayout(), dimension=12),
    recommended_distance=0.5,
)
MODELS = (yunet(), recognizer())


class Hours:
    """A clock that goes on by what work says it takes."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def work(self, *seconds: float) -> Callable[[], None]:
        """Return work that takes so long each time, the last of these from then on."""
        left = list(seconds)

        def run() -> None:
            self.now += left.pop(0) if len(left) > 1 else left[0]

        return run


class Broken(SessionFactory):
    """Sessions that cannot be built."""

    def build(self, model: bytes) -> Session:
        raise ModelUnavailableError("no driver")


def factory(provider: Provider) -> SessionFactory:
    return SessionFactory(device="CPU", provider=provider, streams=1)


def test_the_best_turn_of_each_counts_but_for_the_first() -> None:
    clock = Hours()
    works = {"onnxruntime": clock.work(9, 2, 0.5, 2), "openvino": clock.work(0.1, 1)}
    rates = measure(works, threads=1, seconds=7, clock=clock)
    assert rates == {"onnxruntime": 2.0, "openvino": 1.0}


def test_slow_work_is_measured_twice_and_no_more() -> None:
    clock = Hours()
    works = {"onnxruntime": clock.work(100), "openvino": clock.work(50)}
    assert measure(works, threads=1, seconds=1, clock=clock)["openvino"] == 1 / 50
    assert clock.now == 3 * 150


def test_what_was_measured_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    candidates = [factory(provider) for provider in choosing.PROVIDERS]
    folder = tmp_path / "deep" / "measured"
    monkeypatch.setattr(choosing, "_BUDGET_SECONDS", 0.0)
    sessions, choice = MeasuredSessions(candidates, folder=folder).of(PACK, *MODELS)
    assert sessions.provider == choice.provider
    assert set(choice.rates) == set(choosing.PROVIDERS)
    assert f"{choice.provider}, 1 at once; pictures a second: onnxruntime" in str(choice)
    (kept,) = folder.iterdir()
    other = next(name for name in choosing.PROVIDERS if name != choice.provider)
    kept.write_text(json.dumps({**json.loads(kept.read_text()), "provider": other}))
    monkeypatch.setattr(choosing, "measure", lambda *_, **__: pytest.fail("measured again"))
    sessions, choice = MeasuredSessions(candidates, folder=folder).of(PACK, *MODELS)
    assert sessions.provider == choice.provider == other


@pytest.mark.parametrize("text", ["", "[]", '{"provider": 3}', '{"threads": 1}'])
def test_a_damaged_record_is_measured_anew(text: str, tmp_path: Path) -> None:
    candidates = [factory("onnxruntime")]
    MeasuredSessions(candidates, folder=tmp_path).of(PACK, *MODELS)
    (kept,) = tmp_path.iterdir()
    kept.write_text(text)
    _, choice = MeasuredSessions(candidates, folder=tmp_path).of(PACK, *MODELS)
    assert choice.provider == "onnxruntime"
    assert json.loads(kept.read_text())["provider"] == "onnxruntime"


def test_another_pack_is_another_question(tmp_path: Path) -> None:
    sessions = MeasuredSessions([factory("onnxruntime")], folder=tmp_path)
    for digest in ("d" * 64, "e" * 64):
        pack = Pack("mini", digest, PACK.detector, PACK.embedder, 0.5)
        sessions.of(pack, *MODELS)
    assert len(list(tmp_path.iterdir())) == 2


def test_sessions_that_cannot_be_built_are_not_chosen(tmp_path: Path) -> None:
    broken = Broken(device="CPU", streams=1)
    candidates = [broken, factory("onnxruntime")]
    sessions, choice = MeasuredSessions(candidates, folder=tmp_path).of(PACK, *MODELS)
    assert sessions.provider == "onnxruntime"
    assert list(choice.rates) == ["onnxruntime"]
    with pytest.raises(ModelUnavailableError, match="no driver"):
        MeasuredSessions([broken], folder=tmp_path / "other").of(PACK, *MODELS)


def test_pinned_sessions_say_who_pinned_them() -> None:
    pinned = factory("openvino")
    sessions, choice = PinnedSessions(pinned, reason="a setting says so").of(PACK, *MODELS)
    assert sessions is pinned
    assert choice == Choice("openvino", 1, {}, "a setting says so")
    assert str(choice) == "openvino, 1 at once: a setting says so"
