"""Submissions as the requests of a stream."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator

from facefolk._convert.recognition import submission_to_proto
from facefolk.types import Submission
from facefolk.v1.recognition_pb2 import RecognizeStreamRequest


def stream_requests(
    submissions: Iterable[Submission], *, library_id: str
) -> Iterator[RecognizeStreamRequest]:
    """Yield the request of each submission."""
    for submission in submissions:
        yield _request(submission, library_id)


async def async_stream_requests(
    submissions: AsyncIterable[Submission] | Iterable[Submission], *, library_id: str
) -> AsyncIterator[RecognizeStreamRequest]:
    """Yield the request of each submission."""
    if isinstance(submissions, AsyncIterable):
        async for submission in submissions:
            yield _request(submission, library_id)
    else:
        for submission in submissions:
            yield _request(submission, library_id)


def _request(submission: Submission, library_id: str) -> RecognizeStreamRequest:
    return RecognizeStreamRequest(
        correlation_id=submission.correlation_id,
        request=submission_to_proto(submission, library_id=library_id),
    )
