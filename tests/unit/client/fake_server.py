"""A small server in this process: answers from memory, records, and fails on demand."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from facefolk.v1 import (
    admin_pb2_grpc,
    clustering_pb2_grpc,
    people_pb2_grpc,
    recognition_pb2_grpc,
)
from google.protobuf.wrappers_pb2 import Int32Value, StringValue
from grpc_status import rpc_status
from unit.client.fake_admin import Admin
from unit.client.fake_people import People
from unit.client.fake_recognition import Recognition
from unit.client.fake_rounds import Clustering
from unit.client.fake_world import World


class FakeServer:
    """A server on a free port, which can be stopped and started again on the same one."""

    def __init__(self, credentials: Any = None) -> None:
        self.world = World()
        self._credentials = credentials
        self.port = 0
        self.start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        server = grpc.server(
            ThreadPoolExecutor(8),
            interceptors=[_Observer(self.world)],
            options=[
                ("grpc.max_receive_message_length", 32 << 20),
                ("grpc.so_reuseport", 0),
            ],
        )
        recognition_pb2_grpc.add_RecognitionServiceServicer_to_server(
            Recognition(self.world), server
        )
        people_pb2_grpc.add_PeopleServiceServicer_to_server(People(self.world), server)
        clustering_pb2_grpc.add_ClusteringServiceServicer_to_server(
            Clustering(self.world), server
        )
        admin_pb2_grpc.add_AdminServiceServicer_to_server(Admin(self.world), server)
        server.add_generic_rpc_handlers((_health(self.world),))
        address = f"127.0.0.1:{self.port}"
        self.port = (
            server.add_secure_port(address, self._credentials)
            if self._credentials
            else server.add_insecure_port(address)
        )
        server.start()
        self._server = server

    def stop(self) -> None:
        self._server.stop(None).wait()


class _Observer(grpc.ServerInterceptor):
    """Records calls and answers those that are to fail."""

    def __init__(self, world: World) -> None:
        self._world = world

    def intercept_service(self, continuation, details):
        world, name = self._world, details.method.rsplit("/", 1)[-1]
        with world.lock:
            world.calls[name] += 1
            world.metadata.append(dict(details.invocation_metadata))
            failure = world.failures[name].popleft() if world.failures[name] else None
        handler = continuation(details)
        if handler is None or (handler.unary_unary is None and failure is None):
            return handler

        def respond(request, context):
            world.requests.append((name, request))
            world.time_remaining[name] = context.time_remaining()
            if name in world.gates:
                world.gates[name].wait(10)
            if failure is not None:
                context.abort_with_status(rpc_status.to_status(failure))
            return handler.unary_unary(request, context)

        make = {
            (False, False): grpc.unary_unary_rpc_method_handler,
            (True, False): grpc.stream_unary_rpc_method_handler,
            (False, True): grpc.unary_stream_rpc_method_handler,
            (True, True): grpc.stream_stream_rpc_method_handler,
        }[handler.request_streaming, handler.response_streaming]
        return make(respond, handler.request_deserializer, handler.response_serializer)


def _health(world: World) -> Any:
    return grpc.method_handlers_generic_handler(
        "grpc.health.v1.Health",
        {
            "Check": grpc.unary_unary_rpc_method_handler(
                lambda request, context: Int32Value(value=world.health),
                StringValue.FromString,
                Int32Value.SerializeToString,
            )
        },
    )


def iterate(server: FakeServer, method: str) -> Iterator[Any]:
    """Yield the requests of a method that the server has recorded."""
    return (request for name, request in server.world.requests if name == method)
