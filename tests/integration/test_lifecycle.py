"""Starting, draining, refusing to start."""

from __future__ import annotations

import http.server
import json
import signal
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import grpc
import pytest
from facefolk.v1 import admin_pb2, recognition_pb2, resources_pb2
from facefolk_server.store import Store
from grpc_health.v1 import health_pb2, health_pb2_grpc
from integration.servers import START_SECONDS, ServerFactory, ServerProcess
from integration.wire import Api, refusal

pytestmark = pytest.mark.models
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
SERVICES = (
    "",
    "facefolk.v1.RecognitionService",
    "facefolk.v1.PeopleService",
    "facefolk.v1.ClusteringService",
    "facefolk.v1.AdminService",
)


def health(channel: grpc.Channel, service: str = "") -> int:
    stub = health_pb2_grpc.HealthStub(channel)
    request = health_pb2.HealthCheckRequest(service=service)
    return stub.Check(request, wait_for_ready=True, timeout=90).status


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def slow_hub(hub: Path) -> Iterator[tuple[str, threading.Event]]:
    """A hub that answers nothing until it is let go."""
    let_go = threading.Event()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            let_go.wait(60)
            super().do_GET()

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    handler = partial(Handler, directory=str(hub))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_address[1]}", let_go
        let_go.set()
        listening.shutdown()
        thread.join()


def test_the_port_is_open_while_models_load(
    servers: ServerFactory,
    tmp_path: Path,
    slow_hub: tuple[str, threading.Event],
    free_port: int,
) -> None:
    mirror, let_go = slow_hub
    server = servers(
        arguments=("--listen", f"127.0.0.1:{free_port}"),
        model_mirror=mirror,
        cache_dir=str(tmp_path / "cache"),
    ).launch()
    server.address = f"127.0.0.1:{free_port}"
    with server.channel() as channel:
        assert {name: health(channel, name) for name in SERVICES} == dict.fromkeys(
            SERVICES, NOT_SERVING
        )
        told = refusal(
            lambda: Api(channel).admin.GetStatus(
                admin_pb2.GetStatusRequest(), wait_for_ready=True, timeout=30
            )
        )
        assert (told.code, told.reason) == (grpc.StatusCode.UNAVAILABLE, "UNAVAILABLE")
        assert "starting" in told.message
        assert int(told.trailers["grpc-retry-pushback-ms"]) > 0
        let_go.set()
        server.wait_serving()
        assert {name: health(channel, name) for name in SERVICES} == dict.fromkeys(
            SERVICES, SERVING
        )
    assert server.stop() == 0


def test_a_server_that_still_fetches_models_stops_when_told(
    servers: ServerFactory,
    tmp_path: Path,
    slow_hub: tuple[str, threading.Event],
    free_port: int,
) -> None:
    mirror, let_go = slow_hub
    server = servers(
        arguments=("--listen", f"127.0.0.1:{free_port}"),
        model_mirror=mirror,
        cache_dir=str(tmp_path / "cache"),
    ).launch()
    server.address = f"127.0.0.1:{free_port}"
    with server.channel() as channel:
        assert health(channel) == NOT_SERVING
    server.signal(signal.SIGTERM)
    let_go.set()
    assert server.wait() == 0


@dataclass(frozen=True)
class Drained:
    """A server that was stopped while its health was watched."""

    server: ServerProcess
    healths: list[int]
    status: int


@pytest.fixture(scope="module")
def drained(
    tmp_path_factory: pytest.TempPathFactory, server_environment: dict[str, str]
) -> Iterator[Drained]:
    factory = ServerFactory(tmp_path_factory.mktemp("drained"), server_environment)
    server = factory(log_format="json").start()
    with server.channel() as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        watching = stub.Watch(health_pb2.HealthCheckRequest(service=""))
        healths = [next(watching).status]
        server.signal(signal.SIGTERM)
        healths.append(next(watching).status)
        yield Drained(server, healths, server.wait())
    factory.close()


def test_health_says_that_the_server_drains(drained: Drained) -> None:
    assert drained.healths == [SERVING, NOT_SERVING]
    assert drained.status == 0


def test_logs_are_json_when_asked(drained: Drained) -> None:
    messages = [json.loads(line)["message"] for line in drained.server.log]
    assert f"serving on {drained.server.address}" in messages
    assert messages[-1] == "stopped"


def test_the_data_directory_is_for_its_owner_alone(drained: Drained) -> None:
    assert drained.server.data.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_calls_that_run_finish_before_the_end(
    servers: ServerFactory, photos: Path, number: signal.Signals
) -> None:
    server = servers(worker_threads="1").start()
    picture = (photos / "preview" / "preview1.jpg").read_bytes()
    with server.channel() as channel:
        recognition = Api(channel).recognition
        calls = [
            recognition.Recognize.future(
                recognition_pb2.RecognizeRequest(
                    asset_id=f"a{i}", image=resources_pb2.Image(data=picture)
                )
            )
            for i in range(6)
        ]
        first = calls[0].result(timeout=60)
        assert first.faces
        server.signal(number)
        assert server.wait() == 0
        codes = {call.code() for call in calls}
    assert codes <= {grpc.StatusCode.OK, grpc.StatusCode.UNAVAILABLE}
    stored = {f"a{i}" for i, call in enumerate(calls) if call.code() == grpc.StatusCode.OK}
    assert len(stored) > 1, "the calls that were running are answered"
    store = Store.open(str(server.data))
    assert stored <= {frame.asset_id for frame in store.library("").all_frames()}
    store.close()


def test_a_second_signal_ends_the_process_at_once(servers: ServerFactory, photos: Path) -> None:
    server = servers(drain_seconds="600").start()
    with server.channel() as channel:
        stuck = channel.stream_stream("/facefolk.v1.RecognitionService/RecognizeStream")
        never = threading.Event()
        replies = stuck(_silent(never))
        # A stream of health never ends by itself, but does not hold the server up either.
        watching = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        next(watching)
        server.signal(signal.SIGTERM)
        server.signal(signal.SIGTERM)
        status = server.wait()
        never.set()
        replies.cancel()
    assert status in (0, 128 + signal.SIGTERM, -signal.SIGTERM)


def _silent(never: threading.Event) -> Iterator[bytes]:
    never.wait(60)
    yield from ()


def ended(server: ServerProcess) -> tuple[int, str]:
    status = server.launch().wait(seconds=START_SECONDS)
    assert "Traceback" not in server.text
    return status, server.text


def test_a_port_that_is_taken_is_named(servers: ServerFactory) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        status, text = ended(servers(arguments=("--listen", address)))
    assert status != 0
    assert address in text
    assert "--listen" in text


def test_two_servers_do_not_share_a_port(server: ServerProcess, servers: ServerFactory) -> None:
    status, text = ended(servers(arguments=("--listen", server.address)))
    assert status != 0
    assert server.address in text


def test_a_data_directory_that_cannot_be_used_is_named(
    servers: ServerFactory, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("not a directory")
    status, text = ended(servers("file"))
    assert status != 0
    assert str(tmp_path / "file") in text


def test_models_that_cannot_be_had_are_named_with_what_to_do(
    servers: ServerFactory, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    server = servers(model_mirror=str(tmp_path / "empty"), cache_dir=str(tmp_path / "cache"))
    server.environment.update(nowhere)
    status, text = ended(server)
    assert status == 3
    assert "facefolk-server models import" in text


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("listen_", "", "127"),
        ("worker_threads", "-1", "worker_threads"),
        ("pack", "no-such-pack", "no-such-pack"),
    ],
)
def test_settings_that_cannot_be_are_named(
    servers: ServerFactory, setting: str, value: str, named: str
) -> None:
    if setting == "listen_":
        status, text = ended(servers(arguments=("--listen", "0.0.0.0:0")))
        named = "insecure"
    else:
        status, text = ended(servers(**{setting: value}))
    assert status != 0
    assert named in text
