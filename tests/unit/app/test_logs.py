"""Logging as text and as JSON lines."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
from facefolk_server.app.logs import configure_logging


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("facefolk_server")
    before = root.handlers[:], root.level, ours.level
    yield
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    ours.setLevel(before[2])


def test_json_lines_hold_message_and_traceback() -> None:
    stream = io.StringIO()
    configure_logging(stream, level="INFO", form="json")
    logger = logging.getLogger("facefolk_server.x")
    logger.debug("not this")
    try:
        raise ValueError("boom")
    except ValueError:
        logger.exception("it went %s", "wrong")
    [line] = stream.getvalue().splitlines()
    read = json.loads(line)
    assert (read["level"], read["message"]) == ("ERROR", "it went wrong")
    assert "ValueError: boom" in read["exception"]


def test_other_libraries_are_heard_from_warnings_on() -> None:
    stream = io.StringIO()
    configure_logging(stream, level="DEBUG", form="text")
    logging.getLogger("elsewhere").info("quiet")
    logging.getLogger("elsewhere").warning("loud")
    logging.getLogger("facefolk_server").debug("ours")
    lines = stream.getvalue().splitlines()
    assert ["loud" in lines[0], "ours" in lines[1], len(lines)] == [True, True, 2]
