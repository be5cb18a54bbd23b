"""Many frames over one stream: a bounded number at a time, answered as they are done."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator
from contextlib import ExitStack

from facefolk.v1 import recognition_pb2 as pb

from facefolk_server.errors import FacefolkError
from facefolk_server.rpc.context import Context, call_of
from facefolk_server.rpc.converters.recognition import (
    recognized_to_proto,
    submission_from_proto,
)
from facefolk_server.rpc.readiness import Readiness, cancelled
from facefolk_server.rpc.status import status_of, status_of_bug, status_of_success

_logger = logging.getLogger(__name__)


class FrameStream:
    """One call of RecognizeStream.

    The next message is read only while fewer than `max_in_flight` are being worked on or
    wait to be answered, so that gRPC's flow control holds the caller back.
    """

    def __init__(self, readiness: Readiness, context: Context, *, max_in_flight: int) -> None:
        self._readiness = readiness
        self._services = readiness.services
        self._context = context
        self._max_in_flight = max_in_flight
        self._libraries: set[str] = set()
        self._gates = ExitStack()

    async def replies(
        self, requests: AsyncIterator[pb.RecognizeStreamRequest]
    ) -> AsyncIterator[pb.RecognizeStreamResponse]:
        """Answer every message, in the order in which they are done.

        When the caller has sent its last message the rest is answered and the stream ends.
        When the server drains, what was read is answered and the stream ends with an error,
        so that the caller sends the rest elsewhere.

        Raises:
            UnavailableError: The server drains.
        """
        drain = asyncio.create_task(self._readiness.wait_draining())
        reading: asyncio.Task[pb.RecognizeStreamRequest | None] | None = None
        working: set[asyncio.Task[pb.RecognizeStreamResponse]] = set()
        more, ended = True, False
        try:
            while more or working:
                if more and reading is None and len(working) < self._max_in_flight:
                    reading = asyncio.create_task(_next(requests))
                await _first_of(*working, *((reading, drain) if more else ()))
                if reading is not None and reading.done():
                    request, reading = reading.result(), None
                    ended = request is None
                    if request is not None:
                        working.add(asyncio.create_task(self._answer(request)))
                more = not (ended or drain.done())
                for task in [task for task in working if task.done()]:
                    working.remove(task)
                    yield task.result()
            if not ended:
                raise self._readiness.stopping()
        finally:
            await cancelled(drain, *working, *([reading] if reading else []))
            self._gates.close()

    async def _answer(self, message: pb.RecognizeStreamRequest) -> pb.RecognizeStreamResponse:
        reply = pb.RecognizeStreamResponse(correlation_id=message.correlation_id)
        try:
            call = call_of(message.request, self._context, patient=True)
            submission = submission_from_proto(message.request)
            self._count_in(call.library_id)
            found = await self._services.recognition.recognize(call, submission)
            reply.response.CopyFrom(recognized_to_proto(found))
            reply.status.CopyFrom(status_of_success())
        except FacefolkError as error:
            reply.status.CopyFrom(status_of(error))
        except Exception:
            incident = uuid.uuid4().hex
            _logger.exception("request %s: a bug in RecognizeStream", incident)
            reply.status.CopyFrom(status_of_bug(incident))
        return reply

    def _count_in(self, library_id: str) -> None:
        """Let rounds of the library wait for as long as the stream is open."""
        if library_id not in self._libraries:
            self._libraries.add(library_id)
            self._gates.enter_context(self._services.gate.open(library_id))


async def _next(
    requests: AsyncIterator[pb.RecognizeStreamRequest],
) -> pb.RecognizeStreamRequest | None:
    return await anext(requests, None)


async def _first_of(*tasks: asyncio.Task[object] | None) -> None:
    given = [task for task in tasks if task is not None]
    await asyncio.wait(given, return_when=asyncio.FIRST_COMPLETED)
