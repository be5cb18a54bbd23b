from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from drawing import drawn
from facefolk_server.errors import InvalidRequestError
from facefolk_server.service.nightly import check_nightly_time, check_time_zone, last_run
from hypothesis import given
from hypothesis import strategies as st

BERLIN = ZoneInfo("Europe/Berlin")


def local(*parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=BERLIN, fold=fold)  # type: ignore[arg-type,misc]


def before(now: datetime, nightly_time: str = "02:30") -> datetime:
    return last_run(now, nightly_time=nightly_time, time_zone="Europe/Berlin")


def test_runs_today_or_yesterday() -> None:
    assert before(local(2024, 5, 1, 1, 0)) == local(2024, 4, 30, 2, 30)
    assert before(local(2024, 5, 1, 2, 30)) == local(2024, 5, 1, 2, 30)
    assert before(local(2024, 5, 1, 23, 0)) == local(2024, 5, 1, 2, 30)


def test_a_time_that_clocks_jump_over_is_not_left_out() -> None:
    run = before(local(2024, 3, 31, 12, 0))
    assert run == datetime(2024, 3, 31, 1, 30, tzinfo=UTC)
    assert run.astimezone(BERLIN).hour == 3
    assert before(run - timedelta(seconds=1)) == local(2024, 3, 30, 2, 30)


def test_a_time_that_comes_twice_runs_once() -> None:
    run = datetime(2024, 10, 27, 0, 30, tzinfo=UTC)
    assert before(local(2024, 10, 27, 2, 30, fold=1)) == run
    assert before(local(2024, 10, 27, 12, 0)) == run
    assert before(run - timedelta(seconds=1)) == local(2024, 10, 26, 2, 30)


@drawn(80)
@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "UTC"]),
    st.sampled_from(["00:00", "01:45", "02:15", "23:59"]),
)
def test_never_after_now_and_one_a_day(
    now: datetime, time_zone: str, nightly_time: str
) -> None:
    def run(at: datetime) -> datetime:
        return last_run(at, nightly_time=nightly_time, time_zone=time_zone)

    assert now - timedelta(hours=25) < run(now) <= now
    assert run(run(now)) == run(now)
    one_before = run(run(now) - timedelta(microseconds=1))
    days = [at.astimezone(ZoneInfo(time_zone)).date() for at in (one_before, run(now))]
    assert days[1] - days[0] == timedelta(days=1)


def test_refuses_what_is_no_time_or_zone() -> None:
    assert check_nightly_time("") == ""
    assert check_nightly_time("23:59") == "23:59"
    assert check_time_zone("") == "UTC"
    for bad in ("24:00", "2:30", "02:60", "02:30 ", "noon"):
        with pytest.raises(InvalidRequestError):
            check_nightly_time(bad)
    for bad in ("Mars/Olympus", "../etc/passwd", "Europe", "a\x00b"):
        with pytest.raises(InvalidRequestError):
            check_time_zone(bad)
