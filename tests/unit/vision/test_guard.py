"""A device that fails or lies is put in quarantine without losing the request."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from facefolk_server.errors import ModelUnavailableError
from facefolk_server.vision.guard import GuardedNetwork, GuardOptions
from facefolk_server.vision.session import Outputs

PIXELS = np.zeros((1, 4, 4, 3), np.uint8)
RIGHT: Mapping[str, np.ndarray] = {"out": np.ones((1, 3), np.float32)}
WRONG: Mapping[str, np.ndarray] = {"out": np.full((1, 3), 2, np.float32)}
NAN: Mapping[str, np.ndarray] = {"out": np.full((1, 3), np.nan, np.float32)}


class Device:
    """Answers in turn what it is given, the last forever; counts its requests."""

    def __init__(self, *answers: Outputs | Exception) -> None:
        self._answers = answers
        self.requests = 0

    def run(self, pixels: np.ndarray) -> Outputs:
        answer = self._answers[min(self.requests, len(self._answers) - 1)]
        self.requests += 1
        if isinstance(answer, Exception):
            raise answer
        return answer


def differs(outputs: Outputs, expected: Outputs, shape: tuple[int, ...]) -> str:
    assert shape == PIXELS.shape
    return "" if np.array_equal(outputs["out"], expected["out"]) else "it says otherwise"


BROKEN = ModelUnavailableError("the model failed on openvino:GPU: out of memory")
Guard = Callable[..., GuardedNetwork]


def guard(
    device: Device,
    cpu: Device | None = None,
    *,
    watched: bool = True,
    canary_interval: int = 0,
    require_device: bool = False,
) -> GuardedNetwork:
    return GuardedNetwork(
        "detector",
        device="openvino:GPU",
        primary=device,
        reference=cpu or Device(RIGHT),
        watched=watched,
        disagreement=differs,
        options=GuardOptions(require_device=require_device, canary_interval=canary_interval),
    )


def test_a_device_that_agrees_is_used() -> None:
    device, cpu = Device(RIGHT), Device(RIGHT)
    network = guard(device, cpu)
    network.self_test(PIXELS)
    assert network.run(PIXELS) is RIGHT
    assert (device.requests, cpu.requests) == (2, 1)
    status = network.status
    assert (status.model, status.device, status.quarantined) == ("detector", "openvino:GPU", "")
    assert status.self_tested


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(WRONG, "it says otherwise"), (NAN, "not finite"), (BROKEN, "out of memory")],
    ids=["wrong", "nan", "broken"],
)
def test_a_device_that_fails_its_self_test_is_not_asked_again(
    answer: Outputs | Exception, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    device = Device(answer)
    network = guard(device)
    with caplog.at_level(logging.WARNING):
        network.self_test(PIXELS)
    assert network.run(PIXELS) is RIGHT
    assert device.requests == 1
    assert network.status.device == "cpu"
    assert reason in network.status.quarantined
    (record,) = caplog.records
    assert "openvino:GPU is in quarantine" in record.getMessage()
    assert reason in record.getMessage()


@pytest.mark.parametrize("answer", [NAN, BROKEN], ids=["nan", "broken"])
def test_a_device_that_fails_later_loses_no_request(answer: Outputs | Exception) -> None:
    device, cpu = Device(RIGHT, RIGHT, answer), Device(RIGHT)
    network = guard(device, cpu)
    network.self_test(PIXELS)
    for _ in range(4):
        assert network.run(PIXELS) is RIGHT
    assert network.status.device == "cpu"
    assert device.requests == 3
    assert cpu.requests == 1 + 3


def test_a_canary_runs_one_request_in_so_many_on_both() -> None:
    device, cpu = Device(RIGHT), Device(RIGHT)
    network = guard(device, cpu, canary_interval=5)
    for _ in range(23):
        network.run(PIXELS)
    assert device.requests == 23
    assert cpu.requests == 4
    assert network.status.canaries == 4


def test_a_canary_finds_a_device_that_lies() -> None:
    device = Device(*[RIGHT] * 3, WRONG)
    network = guard(device, canary_interval=5)
    answers = [network.run(PIXELS) for _ in range(8)]
    # The fourth answer came before the canary; the canary's own request is answered right.
    assert [answer is RIGHT for answer in answers] == [True] * 3 + [False] + [True] * 4
    assert network.status.quarantined == "it says otherwise"
    assert device.requests == 5


def test_a_device_that_is_not_watched_is_trusted_until_it_fails() -> None:
    device, cpu = Device(WRONG, WRONG, BROKEN), Device(RIGHT)
    network = guard(device, cpu, watched=False, canary_interval=1)
    network.self_test(PIXELS)
    assert network.run(PIXELS) is WRONG
    assert cpu.requests == 0
    assert not network.status.self_tested
    assert network.run(PIXELS) is RIGHT
    assert network.status.device == "cpu"


@pytest.mark.parametrize("answer", [WRONG, NAN, BROKEN], ids=["wrong", "nan", "broken"])
def test_a_required_device_is_never_replaced(answer: Outputs | Exception) -> None:
    network = guard(Device(answer), require_device=True)
    for _ in range(2):
        with pytest.raises(ModelUnavailableError, match="must run on openvino:GPU"):
            network.self_test(PIXELS)
    assert network.status.device == "openvino:GPU"


def test_the_failure_of_both_is_told() -> None:
    network = guard(Device(BROKEN), Device(ModelUnavailableError("no memory at all")))
    with pytest.raises(ModelUnavailableError, match="no memory at all"):
        network.run(PIXELS)


def test_errors_of_our_own_are_not_swallowed() -> None:
    network = guard(Device(ValueError("a bug")))
    with pytest.raises(ValueError, match="a bug"):
        network.run(PIXELS)


def test_many_threads_meet_one_quarantine(caplog: pytest.LogCaptureFixture) -> None:
    network = guard(Device(BROKEN))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: network.run(PIXELS), range(64)))
    assert all(answer is RIGHT for answer in answers)
    assert len(caplog.records) == 1
