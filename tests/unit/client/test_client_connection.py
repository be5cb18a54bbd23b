"""Errors, retries, deadlines, libraries, tokens, TLS."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from facefolk import AsyncClient, Client, RemoteError, Tls, UsageError, errors
from facefolk._status import ERRORS
from google.protobuf.duration_pb2 import Duration
from google.rpc import code_pb2, error_details_pb2
from unit.client.fake_server import FakeServer, iterate
from unit.client.fake_world import JPEG, status


def test_an_error_has_reason_metadata_and_cause(client: Client) -> None:
    with pytest.raises(errors.NotFoundError) as caught:
        client.get_person("p9")
    error = caught.value
    assert error.message == str(error) == "There is no person p9."
    assert error.reason == "PERSON_NOT_FOUND"
    assert error.metadata == {"person_id": "p9"}
    assert error.code == "NOT_FOUND"
    assert isinstance(error.__cause__, grpc.RpcError)


async def test_so_has_one_of_the_async_client(async_client: AsyncClient) -> None:
    with pytest.raises(errors.NotFoundError) as caught:
        await async_client.get_person("p9")
    assert caught.value.reason == "PERSON_NOT_FOUND"
    assert isinstance(caught.value.__cause__, grpc.RpcError)


def test_every_code_has_its_error(server: FakeServer, client: Client) -> None:
    for code, kind in ERRORS.items():
        if code.name in {"UNAVAILABLE", "RESOURCE_EXHAUSTED"}:
            continue
        server.world.failures["GetStatus"].append(status(code.value[0], "No.", "WHY"))
        with pytest.raises(RemoteError) as caught:
            client.get_status()
        assert type(caught.value) is kind
        assert caught.value.reason == "WHY"
    assert set(ERRORS) == set(grpc.StatusCode) - {grpc.StatusCode.OK}


def test_an_error_of_a_stream_is_mapped(server: FakeServer, client: Client) -> None:
    server.world.failures["PullPack"].append(
        status(code_pb2.FAILED_PRECONDITION, "Acknowledge it.", "LICENSE_NOT_ACKNOWLEDGED")
    )
    with pytest.raises(errors.PreconditionError) as caught:
        list(client.pull_pack("buffalo_l"))
    assert caught.value.reason == "LICENSE_NOT_ACKNOWLEDGED"


@pytest.mark.parametrize("code", [code_pb2.UNAVAILABLE, code_pb2.RESOURCE_EXHAUSTED])
def test_a_call_is_repeated_with_the_same_request_id(
    server: FakeServer, client: Client, code: int
) -> None:
    server.world.failures["UnassignFaces"].extend([status(code, "Later.")] * 2)
    assert client.unassign_faces(["f"]) == 1
    ids = {request.request_id for request in iterate(server, "UnassignFaces")}
    assert server.world.calls["UnassignFaces"] == 3
    assert len(ids) == 1
    assert ids != {""}


def test_a_large_image_is_repeated_too(server: FakeServer, client: Client) -> None:
    server.world.failures["Detect"].append(status(code_pb2.UNAVAILABLE, "Later."))
    assert client.detect(JPEG + bytes(3 << 20)).width == 64


def test_repeating_ends(server: FakeServer, client: Client) -> None:
    later = status(code_pb2.RESOURCE_EXHAUSTED, "Full.", "OVERLOADED")
    delay = error_details_pb2.RetryInfo(retry_delay=Duration(nanos=500_000_000))
    later.details.add().Pack(delay)
    server.world.failures["GetSettings"].extend([later] * 9)
    with pytest.raises(errors.OverloadedError) as caught:
        client.get_settings()
    assert server.world.calls["GetSettings"] == 5
    assert caught.value.retry_delay_seconds == 0.5


def test_a_refusal_is_not_repeated(server: FakeServer, client: Client) -> None:
    server.world.failures["GetSettings"].append(status(code_pb2.ABORTED, "No."))
    with pytest.raises(errors.ConflictError):
        client.get_settings()
    assert server.world.calls["GetSettings"] == 1


def test_a_server_that_is_away_is_unavailable(server: FakeServer, client: Client) -> None:
    server.stop()
    with pytest.raises(errors.UnavailableError):
        client.with_options(timeout_seconds=10).get_status()


def test_calls_have_deadlines(server: FakeServer, client: Client) -> None:
    client.get_status()
    assert 30 < (server.world.time_remaining["GetStatus"] or 0) < 61
    client.with_options(timeout_seconds=7).get_status()
    assert (server.world.time_remaining["GetStatus"] or 0) < 8
    endless = client.with_options(timeout_seconds=None)
    endless.get_status()
    # grpcio tells "no deadline" as centuries.
    assert (server.world.time_remaining["GetStatus"] or 1e12) > 1e6


def test_a_deadline_that_passes(server: FakeServer, client: Client) -> None:
    gate = server.world.gates["GetStatus"] = threading.Event()
    with pytest.raises(errors.DeadlineError):
        client.with_options(timeout_seconds=0.1).get_status()
    gate.set()


def test_the_library_goes_with_every_call(server: FakeServer) -> None:
    with Client(server.address, library_id="family") as client:
        client.get_settings()
        list(client.list_people())
        client.with_options(library_id="work").get_settings()
        assert client.library_id == "family"
    libraries = [request.library_id for _, request in server.world.requests]
    assert libraries == ["family", "family", "work"]


def test_messages_may_have_32_mebibytes(server: FakeServer, client: Client) -> None:
    assert client.detect(bytes((32 << 20) - 100)).width == 64
    with pytest.raises(errors.OverloadedError):
        client.detect(bytes(33 << 20))


def test_the_token_goes_with_every_call(server: FakeServer) -> None:
    with Client(server.address, token="secret") as client:
        client.get_settings()
        list(client.pull_pack())
        client.check_health()
    sent = [metadata.get("authorization") for metadata in server.world.metadata]
    assert sent == ["Bearer secret"] * 3


def test_a_token_is_not_sent_in_the_clear_to_others() -> None:
    with pytest.raises(UsageError, match="unencrypted"):
        Client("photos.example:50051", token="secret")
    Client("photos.example:50051", token="secret", plaintext_token=True).close()
    Client("dns:///localhost:50051", token="secret").close()
    Client("[::1]:50051", token="secret").close()


def test_an_address_is_needed() -> None:
    with pytest.raises(UsageError, match="HOST:PORT"):
        Client(" ")


def test_half_an_identity_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="together"):
        Client("localhost:1", tls=Tls(client_cert=tmp_path / "cert.pem"))


def test_a_missing_certificate_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"absent\.pem"):
        Client("localhost:1", tls=Tls(root_ca=tmp_path / "absent.pem"))


@pytest.fixture
def identity(tmp_path: Path) -> Path:
    """A folder with key.pem and a self-signed cert.pem of photos.example."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "photos.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("photos.example")]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (tmp_path / "cert.pem").write_bytes(certificate.public_bytes(pem))
    (tmp_path / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return tmp_path


@pytest.fixture
def tls_server(identity: Path) -> Iterator[FakeServer]:
    """A server that wants to see the client's certificate."""
    certificate = (identity / "cert.pem").read_bytes()
    credentials = grpc.ssl_server_credentials(
        [((identity / "key.pem").read_bytes(), certificate)],
        root_certificates=certificate,
        require_client_auth=True,
    )
    server = FakeServer(credentials)
    yield server
    server.stop()


def test_mutual_tls(tls_server: FakeServer, identity: Path) -> None:
    certificate = identity / "cert.pem"
    tls = Tls(certificate, certificate, identity / "key.pem", "photos.example")
    with Client(tls_server.address, tls=tls, token="secret") as client:
        assert client.get_settings().pack == "open"
    stranger = Tls(certificate, server_name="photos.example")
    with (
        Client(tls_server.address, tls=stranger, timeout_seconds=10) as client,
        pytest.raises(errors.UnavailableError),
    ):
        client.get_settings()
