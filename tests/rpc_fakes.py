"""Use cases and contexts that answer what a test says, for testing what lies above them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from facefolk_server.rpc.readiness import Services
from facefolk_server.service.call import Call
from facefolk_server.service.gate import IngestionGate
from facefolk_server.service.recognition import FrameSubmission
from facefolk_server.service.views import ImageFaces

Recognize = Callable[[Call, FrameSubmission], Awaitable[ImageFaces]]

NO_FACES = ImageFaces((), width=4, height=3, pack="open")


class FakeRecognition:
    """Answers what its function answers, and remembers what it was asked."""

    def __init__(self, recognize: Recognize) -> None:
        self._recognize = recognize
        self.calls: list[tuple[Call, FrameSubmission]] = []
        self.cancelled = 0

    async def recognize(self, call: Call, submission: FrameSubmission) -> ImageFaces:
        self.calls.append((call, submission))
        try:
            return await self._recognize(call, submission)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


async def no_faces(_call: Call, _submission: FrameSubmission) -> ImageFaces:
    return NO_FACES


def fake_services(**given: Any) -> Services:
    """Use cases, those that are given; the others are not there."""
    names = (
        "search",
        "assets",
        "people",
        "faces",
        "hands",
        "history",
        "explanations",
        "suggestions",
        "rounds",
        "erasure",
        "moving",
        "admin",
    )
    absent = dict.fromkeys(names)
    recognition = given.pop("recognition", None) or FakeRecognition(no_faces)
    return Services(**{**absent, "recognition": recognition, "gate": IngestionGate(), **given})


class FakeContext:
    """A caller with these seconds to wait."""

    def __init__(self, remaining_seconds: float | None = None) -> None:
        self._remaining_seconds = remaining_seconds

    def time_remaining(self) -> float | None:
        return self._remaining_seconds

    def auth_context(self) -> Mapping[str, Iterable[bytes]]:
        return {}
