from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from facefolk_server.errors import InvalidRequestError
from facefolk_server.service.nightly import check_nightly_time, check_time_zone, next_run
from hypothesis import given, settings
from hypothesis import strategies as st

BERLIN = ZoneInfo("Europe/Berlin")


def local(*parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=BERLIN, fold=fold)  # type: ignore[arg-type,misc]


def following(now: datetime, nightly_time: str = "02:30") -> datetime:
    return next_run(now, nightly_time=nightly_time, time_zone="Europe/Berlin")


def test_runs_today_or_tomorrow() -> None:
    assert following(local(2024, 5, 1, 1, 0)) == local(2024, 5, 1, 2, 30)
    assert following(local(2024, 5, 1, 2, 30)) == local(2024, 5, 2, 2, 30)
    assert following(local(2024, 5, 1, 23, 0)) == local(2024, 5, 2, 2, 30)


def test_a_time_that_clocks_jump_over_is_not_left_out() -> None:
    run = following(local(2024, 3, 31, 0, 0))
    assert run == datetime(2024, 3, 31, 1, 30, tzinfo=UTC)
    assert run.astimezone(BERLIN).hour == 3
    assert following(run) == local(2024, 4, 1, 2, 30)


def test_a_time_that_comes_twice_runs_once() -> None:
    run = following(local(2024, 10, 27, 0, 0))
    assert run == datetime(2024, 10, 27, 0, 30, tzinfo=UTC)
    assert following(run) == local(2024, 10, 28, 2, 30)


@settings(deadline=None, derandomize=True, max_examples=80)
@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "UTC"]),
    st.sampled_from(["00:00", "01:45", "02:15", "23:59"]),
)
def test_always_after_now_and_at_most_a_day_and_an_hour(
    now: datetime, time_zone: str, nightly_time: str
) -> None:
    run = next_run(now, nightly_time=nightly_time, time_zone=time_zone)
    assert now < run <= now + timedelta(hours=25)


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
