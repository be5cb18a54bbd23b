"""Fetching one file from hubs that are well, down, slow, confused or dishonest."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx2
import numpy as np
import pytest
from facefolk_server.vision.downloads.faults import (
    ChecksumError,
    FetchError,
    TransientFetchError,
)
from facefolk_server.vision.downloads.fetch import Expected, Fetcher, FetchPolicy
from facefolk_server.vision.downloads.responses import Answer as Answered
from facefolk_server.vision.downloads.responses import accept
from unit.vision.downloads.hub_server import (
    Answer,
    Hub,
    broken_off,
    of_unknown_length,
    other_bytes,
    other_part,
    page,
    redirected,
    silent,
    status,
    trickling,
    whole,
)

DATA = np.random.default_rng(0).bytes(700_000)
WANTED = Expected(hashlib.sha256(DATA).hexdigest(), len(DATA))
UNSIZED = Expected(WANTED.sha256)
PATH = "/model.onnx"


class Fetching:
    """One fetch: its parts and what it reported."""

    def __init__(self, web: Hub, fetcher: Fetcher, client: httpx2.Client, folder: Path) -> None:
        self.web, self.fetcher, self.client = web, fetcher, client
        self.partial = folder / "model.part"
        self.url = web.put(PATH, DATA)
        self.reports: list[tuple[int, int | None]] = []

    def run(self, expected: Expected = WANTED, *, url: str = "") -> bytes:
        self.fetcher.fetch(
            self.client,
            url or self.url,
            self.partial,
            expected=expected,
            report=lambda done, total: self.reports.append((done, total)),
        )
        return self.partial.read_bytes()


@pytest.fixture
def client(policy: FetchPolicy) -> Iterator[httpx2.Client]:
    options = {"follow_redirects": True, "verify": False}  # the authorities take time to load
    with httpx2.Client(timeout=policy.timeout, **options) as opened:
        yield opened


@pytest.fixture
def fetching(web: Hub, fetcher: Fetcher, client: httpx2.Client, tmp_path: Path) -> Fetching:
    return Fetching(web, fetcher, client, tmp_path)


@pytest.mark.parametrize("expected", [WANTED, UNSIZED])
def test_a_file_comes_whole_with_its_progress(fetching: Fetching, expected: Expected) -> None:
    assert fetching.run(expected) == DATA
    assert fetching.reports[-1] == (len(DATA), len(DATA))
    done = [each for each, _ in fetching.reports]
    assert done == sorted(done)
    assert len(done) > 1
    assert fetching.web.ranges() == [""]


def test_a_part_is_resumed_from(fetching: Fetching) -> None:
    fetching.partial.write_bytes(DATA[:300_000])
    assert fetching.run() == DATA
    assert fetching.web.ranges() == ["bytes=300000-"]
    assert fetching.reports[0][0] > 300_000


def test_a_whole_part_needs_no_request(fetching: Fetching) -> None:
    fetching.partial.write_bytes(DATA)
    assert fetching.run() == DATA
    assert fetching.web.requests == []


def test_a_whole_part_of_unknown_size_is_told_by_416(fetching: Fetching) -> None:
    fetching.partial.write_bytes(DATA)
    assert fetching.run(UNSIZED) == DATA
    assert fetching.web.ranges() == [f"bytes={len(DATA)}-"]


def test_a_connection_that_breaks_off_is_taken_up_again(
    fetching: Fetching, waits: list[float]
) -> None:
    fetching.web.once(PATH, broken_off(200_000), broken_off(300_000))
    assert fetching.run() == DATA
    assert fetching.web.ranges() == ["", "bytes=200000-", "bytes=500000-"]
    assert len(waits) == 2


def test_a_wrong_part_from_before_is_thrown_away(fetching: Fetching) -> None:
    fetching.partial.write_bytes(bytes(300_000))
    assert fetching.run() == DATA
    assert fetching.web.ranges() == ["bytes=300000-", ""]


def test_a_part_that_is_too_long_is_thrown_away(fetching: Fetching) -> None:
    fetching.partial.write_bytes(DATA + b"more")
    assert fetching.run() == DATA


@pytest.mark.parametrize(
    "answer", [whole, other_part, status(416), status(416, content_range="x")]
)
def test_a_hub_that_knows_no_ranges_sends_all_again(fetching: Fetching, answer: Answer) -> None:
    fetching.partial.write_bytes(DATA[:1000])
    fetching.web.once(PATH, answer)
    assert fetching.run() == DATA


def test_a_file_of_unknown_length_is_taken(fetching: Fetching) -> None:
    fetching.web.once(PATH, of_unknown_length)
    assert fetching.run(UNSIZED) == DATA


@pytest.mark.parametrize("code", [408, 425, 429, 500, 502, 503, 504])
def test_passing_troubles_are_waited_out(
    fetching: Fetching, waits: list[float], code: int
) -> None:
    fetching.web.once(PATH, status(code), status(code))
    assert fetching.run() == DATA
    assert waits == [0.5, 1.0]


def test_the_hub_says_how_long_to_wait(fetching: Fetching, waits: list[float]) -> None:
    fetching.web.once(
        PATH,
        status(503, retry_after="7"),
        status(429, retry_after="600"),
        status(503, retry_after="Wed, 21 Oct 2015 07:28:00 GMT"),
    )
    assert fetching.run() == DATA
    assert waits == [7.0, 20.0, 2.0]


def test_troubles_that_stay_end_after_four_attempts(
    fetching: Fetching, waits: list[float]
) -> None:
    fetching.web.always[PATH] = status(503)
    with pytest.raises(TransientFetchError, match="503 Service Unavailable"):
        fetching.run()
    assert len(fetching.web.requests) == 4
    assert waits == [0.5, 1.0, 2.0]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (status(404), "404 Not Found"),
        (status(403), "403 Forbidden"),
        (status(204), "0 bytes, not"),
        (status(416), "416 to a request for the whole file"),
        (page, "web page instead of the file"),
        (other_bytes(DATA[:5000]), "has 5000 bytes, not 700000"),
        (other_bytes(DATA + b"x"), "has 700001 bytes, not 700000"),
    ],
    ids=["404", "403", "empty", "416", "html", "short", "long"],
)
def test_answers_that_will_not_change_are_not_asked_for_again(
    fetching: Fetching, answer: Answer, reason: str
) -> None:
    fetching.web.always[PATH] = answer
    with pytest.raises(FetchError, match=reason):
        fetching.run()
    assert len(fetching.web.requests) == 1
    assert not fetching.partial.exists()


def test_a_corrupted_file_is_fetched_once_more_and_then_refused(fetching: Fetching) -> None:
    corrupted = DATA[:-1] + bytes([DATA[-1] ^ 1])
    fetching.web.once(PATH, other_bytes(corrupted))
    assert fetching.run() == DATA
    fetching.partial.unlink()
    fetching.web.always[PATH] = other_bytes(corrupted)
    with pytest.raises(ChecksumError, match=WANTED.sha256):
        fetching.run()
    assert len(fetching.web.requests) == 4
    assert not fetching.partial.exists()


def test_a_stream_past_the_expected_end_is_cut(fetching: Fetching) -> None:
    fetching.web.put(PATH, DATA + b"x")
    fetching.web.always[PATH] = of_unknown_length
    with pytest.raises(FetchError, match="more than the 700000 bytes"):
        fetching.run()
    assert fetching.partial.stat().st_size == 0


def test_a_file_of_unknown_size_is_bounded(fetching: Fetching, client: httpx2.Client) -> None:
    fetching.fetcher = Fetcher(FetchPolicy(max_bytes=1000), sleep=lambda _: None)
    fetching.web.always[PATH] = of_unknown_length
    with pytest.raises(FetchError, match="more than the 1000 bytes"):
        fetching.run(UNSIZED)


def test_a_silent_hub_is_given_up(fetching: Fetching) -> None:
    fetching.web.always[PATH] = silent
    fetching.fetcher = Fetcher(FetchPolicy(attempts=2), sleep=lambda _: None)
    with pytest.raises(TransientFetchError, match="no answer for"):
        fetching.run()
    assert len(fetching.web.requests) == 2


def test_a_hub_that_is_down_is_told_as_such(fetching: Fetching, waits: list[float]) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}/model.onnx"
        with pytest.raises(TransientFetchError, match="refused"):
            fetching.run(url=url)
    assert len(waits) == 3


def test_a_name_that_is_unknown_is_told_as_such(fetching: Fetching) -> None:
    with pytest.raises(TransientFetchError):
        fetching.run(url="http://no-such-host.invalid/model.onnx")


def test_a_transfer_that_trickles_is_given_up(fetching: Fetching) -> None:
    policy = FetchPolicy(attempts=2, slow_after_seconds=0.2)
    fetching.fetcher = Fetcher(policy, sleep=lambda _: None)
    fetching.web.always[PATH] = trickling
    with pytest.raises(TransientFetchError, match=r"only \d+ bytes came in 0 s"):
        fetching.run()
    assert len(fetching.web.requests) == 2


def test_what_grows_by_megabytes_may_break_off_often(
    fetching: Fetching, waits: list[float]
) -> None:
    data = np.random.default_rng(1).bytes(8 * 1024 * 1024)
    fetching.web.put(PATH, data)
    fetching.web.once(PATH, *[broken_off(1024 * 1024)] * 7)
    expected = Expected(hashlib.sha256(data).hexdigest(), len(data))
    assert fetching.run(expected) == data
    assert len(waits) == 7


def test_redirects_are_followed_but_not_in_circles(fetching: Fetching) -> None:
    fetching.web.once(PATH, redirected("/elsewhere"))
    fetching.web.put("/elsewhere", DATA)
    assert fetching.run() == DATA
    fetching.partial.unlink()
    fetching.web.always[PATH] = redirected(PATH)
    with pytest.raises(FetchError, match="redirects in a circle"):
        fetching.run()


def test_a_redirect_to_an_unencrypted_address_is_refused() -> None:
    asked = "https://hub.invalid/model.onnx"
    for reached, fine in ((asked, True), ("http://hub.invalid/model.onnx", False)):
        response = httpx2.Response(200, request=httpx2.Request("GET", reached))
        if fine:
            assert accept(response, asked, have=0, size_bytes=10) == Answered(0, 10)
        else:
            with pytest.raises(FetchError, match="unencrypted http:"):
                accept(response, asked, have=0, size_bytes=10)


def test_stopping_keeps_what_has_come(fetching: Fetching) -> None:
    def stop(done: int, _total: int | None) -> None:
        if done > 400_000:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fetching.fetcher.fetch(
            fetching.client, fetching.url, fetching.partial, expected=WANTED, report=stop
        )
    assert fetching.partial.stat().st_size > 400_000
    assert fetching.run() == DATA
    assert fetching.web.ranges()[1].startswith("bytes=")


class TestCopy:
    """From a directory."""

    def run(self, fetcher: Fetcher, origin: Path, folder: Path, wanted: Expected) -> bytes:
        partial = folder / "copy.part"
        fetcher.copy(origin, partial, expected=wanted, report=lambda *_: None)
        return partial.read_bytes()

    def test_a_file_is_copied(self, fetcher: Fetcher, tmp_path: Path) -> None:
        origin = tmp_path / "model.onnx"
        origin.write_bytes(DATA)
        (tmp_path / "copy.part").write_bytes(b"something from before")
        assert self.run(fetcher, origin, tmp_path, WANTED) == DATA
        assert origin.read_bytes() == DATA

    @pytest.mark.parametrize(
        ("data", "wanted", "reason"),
        [
            (DATA[:100], WANTED, "has 100 bytes, not 700000"),
            (bytes(len(DATA)), WANTED, "its SHA-256 is"),
            (b"x", UNSIZED, "its SHA-256 is"),
        ],
    )
    def test_another_file_is_refused(
        self, fetcher: Fetcher, tmp_path: Path, data: bytes, wanted: Expected, reason: str
    ) -> None:
        origin = tmp_path / "model.onnx"
        origin.write_bytes(data)
        with pytest.raises(FetchError, match=reason):
            self.run(fetcher, origin, tmp_path, wanted)

    def test_what_is_no_file_is_told(self, fetcher: Fetcher, tmp_path: Path) -> None:
        with pytest.raises(FetchError, match="no such file"):
            self.run(fetcher, tmp_path / "absent", tmp_path, WANTED)
        with pytest.raises(FetchError, match="directory"):
            self.run(fetcher, tmp_path, tmp_path, UNSIZED)
