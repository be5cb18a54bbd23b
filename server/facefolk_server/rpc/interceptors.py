"""What surrounds every call: its request id, its errors, its line in the access log."""

from __future__ import annotations

import asyncio
import logging
import re
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from functools import partial
from typing import Any, TypeVar

import grpc
from google.protobuf.message import DecodeError
from grpc import aio

from facefolk_server.errors import FacefolkError, InvalidRequestError, UnavailableError
from facefolk_server.rpc.context import Context
from facefolk_server.rpc.readiness import Readiness
from facefolk_server.rpc.status import code_of, status_of, status_of_bug, trailers_of

Request = TypeVar("Request")
Reply = TypeVar("Reply")


REQUEST_ID_HEADER = "x-request-id"
_OURS = "/facefolk."
_REQUEST_ID = re.compile(r"[!-~]{1,128}")

_logger = logging.getLogger(__name__)
_access = logging.getLogger(f"{__name__}.access")


class ApiInterceptor(aio.ServerInterceptor):  # type: ignore[misc] # gRPC has no types
    """Wraps the methods of the API; health and reflection pass as they are.

    Our own errors end a call with their status. Whatever else is raised is a bug: it is
    logged with its traceback, and the caller is told the request id alone.
    """

    def __init__(self, readiness: Readiness) -> None:
        self._readiness = readiness

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler:
        """Return the handler of a method, wrapped where the method is of the API."""
        handler = await continuation(handler_call_details)
        method = handler_call_details.method
        if handler is None or not method.startswith(_OURS):
            return handler
        return self._wrapped(handler, method)

    def _wrapped(self, handler: grpc.RpcMethodHandler, method: str) -> grpc.RpcMethodHandler:
        make, inner = _kind_of(handler)
        wrapper = self._streaming if handler.response_streaming else self._single
        # Requests are parsed in here: what gRPC says of one that cannot be is not for callers.
        parse = _parse_stream if handler.request_streaming else _parse
        parsed = partial(parse, handler.request_deserializer)
        return make(
            wrapper(lambda raw, context: inner(parsed(raw), context), method),
            response_serializer=handler.response_serializer,
        )

    def _single(
        self, inner: Callable[..., Awaitable[Reply]], method: str
    ) -> Callable[..., Awaitable[Reply]]:
        async def respond(request: Request, context: Context) -> Reply:
            async with self._surrounded(method, context):
                return await inner(request, context)

        return respond

    def _streaming(
        self, inner: Callable[..., AsyncIterator[Reply]], method: str
    ) -> Callable[..., Awaitable[None]]:
        # Written out by hand so that the replies are closed, and what they started with
        # them, before the call ends; gRPC would leave that to the garbage collector.
        async def respond(request: Request, context: Context) -> None:
            async with self._surrounded(method, context):
                replies = inner(request, context)
                async with aclosing(replies):  # type: ignore[type-var]
                    async for reply in replies:
                        await context.write(reply)

        return respond

    @asynccontextmanager
    async def _surrounded(self, method: str, context: Context) -> AsyncIterator[None]:
        request_id = _request_id(context)
        context.set_trailing_metadata(((REQUEST_ID_HEADER, request_id),))
        code = grpc.StatusCode.OK
        begin = time.monotonic()
        try:
            with self._readiness.count():
                yield
        except aio.AbortError:
            code = grpc.StatusCode(context.code())
            raise
        except asyncio.CancelledError:
            code = _code_of_cancellation(context)
            raise
        except FacefolkError as error:
            code = code_of(error)
            if isinstance(error, UnavailableError) and error.__cause__ is not None:
                _logger.warning("request %s: %s", request_id, error, exc_info=error)
            await _abort(context, error, request_id)
        except Exception:
            code = grpc.StatusCode.INTERNAL
            _logger.exception("request %s: a bug in %s", request_id, method)
            await _abort(context, None, request_id)
        finally:
            took = (time.monotonic() - begin) * 1000
            _access.info("%s %s %s %.1f ms", request_id, method, code.name, took)


def _kind_of(
    handler: grpc.RpcMethodHandler,
) -> tuple[Callable[..., grpc.RpcMethodHandler], Callable[..., Any]]:
    kinds = {
        (False, False): (grpc.unary_unary_rpc_method_handler, handler.unary_unary),
        (False, True): (grpc.unary_stream_rpc_method_handler, handler.unary_stream),
        (True, False): (grpc.stream_unary_rpc_method_handler, handler.stream_unary),
        (True, True): (grpc.stream_stream_rpc_method_handler, handler.stream_stream),
    }
    return kinds[handler.request_streaming, handler.response_streaming]


def _parse(parse: Callable[[bytes], Request], raw: bytes) -> Request:
    try:
        return parse(raw)
    except DecodeError as exc:
        raise InvalidRequestError(
            "The request cannot be read as the message that this method takes: use the "
            "protos of this server, or its reflection."
        ) from exc


async def _parse_stream(
    parse: Callable[[bytes], Request], raws: AsyncIterator[bytes]
) -> AsyncIterator[Request]:
    async for raw in raws:
        yield _parse(parse, raw)


async def _abort(context: Context, error: FacefolkError | None, request_id: str) -> None:
    status = status_of_bug(request_id) if error is None else status_of(error)
    code = grpc.StatusCode.INTERNAL if error is None else code_of(error)
    trailers = (*trailers_of(status, error), (REQUEST_ID_HEADER, request_id))
    await context.abort(code, status.message, trailers)


def _request_id(context: Context) -> str:
    for key, value in context.invocation_metadata() or ():
        if key == REQUEST_ID_HEADER and _REQUEST_ID.fullmatch(str(value)):
            return str(value)
    return uuid.uuid4().hex


def _code_of_cancellation(context: Context) -> grpc.StatusCode:
    remaining = context.time_remaining()
    if remaining is not None and remaining <= 0:
        return grpc.StatusCode.DEADLINE_EXCEEDED
    return grpc.StatusCode.CANCELLED
