"""Settings: sources, checks, addresses."""

from __future__ import annotations

from pathlib import Path

import pytest
from facefolk_server.errors import InvalidRequestError
from facefolk_server.settings import (
    Settings,
    is_loopback,
    load_settings,
    settings_table,
    split_address,
)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"FACEFOLK_{name.upper()}", raising=False)
    monkeypatch.delenv("FACEFOLK_CONFIG", raising=False)


def refusal(**given: object) -> str:
    with pytest.raises(InvalidRequestError) as caught:
        load_settings(**given)
    return caught.value.message


def test_arguments_stand_above_environment_above_file_above_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "facefolk.toml"
    config.write_text('data = "file"\nlog_level = "ERROR"\nquiet_seconds = 3\ndevice = "CPU"\n')
    monkeypatch.setenv("FACEFOLK_DATA", "environment")
    monkeypatch.setenv("FACEFOLK_QUIET_SECONDS", "2")
    found = load_settings(config, data="argument", listen=None)
    assert found.data == "argument"
    assert found.quiet_seconds == 2
    assert (found.device, found.log_level) == ("CPU", "ERROR")
    assert found.listen == "127.0.0.1:50051"


def test_the_file_can_be_named_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "facefolk.toml"
    config.write_text(f'packs = ["{tmp_path}/a.toml"]\n')
    monkeypatch.setenv("FACEFOLK_CONFIG", str(config))
    assert load_settings().packs == (tmp_path / "a.toml",)


def test_packs_are_separated_like_a_search_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEFOLK_PACKS", "/a.toml:/b")
    assert load_settings().packs == (Path("/a.toml"), Path("/b"))


def test_a_file_that_is_missing_or_no_toml_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "none.toml"
    assert str(missing) in refusal(config=missing)
    broken = tmp_path / "broken.toml"
    broken.write_text("listen = ")
    assert "is not TOML" in refusal(config=broken)


def test_unknown_keys_of_the_file_are_refused(tmp_path: Path) -> None:
    config = tmp_path / "facefolk.toml"
    config.write_text("lisen = 'x'\n")
    assert "lisen: there is no such setting" in refusal(config=config)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("WORKER_THREADS", "many"),
        ("WORKER_THREADS", "-1"),
        ("QUIET_SECONDS", "nan"),
        ("DEVICE", "TPU"),
        ("LISTEN", "50051"),
        ("DURABILITY", "hope"),
    ],
)
def test_wrong_values_are_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(f"FACEFOLK_{variable}", value)
    assert variable.lower() in refusal()


def test_listening_beyond_this_machine_needs_a_word() -> None:
    assert "0.0.0.0:1" in refusal(listen="0.0.0.0:1")
    assert load_settings(listen="0.0.0.0:1", insecure=True).insecure


def test_tls_alone_does_not_tell_who_calls(tmp_path: Path) -> None:
    cert, key = tmp_path / "cert", tmp_path / "key"
    assert "can be reached" in refusal(listen="[::]:1", tls_cert_file=cert, tls_key_file=key)
    found = load_settings(
        listen="[::]:1", tls_cert_file=cert, tls_key_file=key, tls_client_ca_file=cert
    )
    assert found.authenticated


def test_tls_files_go_together(tmp_path: Path) -> None:
    assert "go together" in refusal(tls_cert_file=tmp_path / "cert")
    assert "needs tls_cert_file" in refusal(tls_client_ca_file=tmp_path / "ca")


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().listen = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1:1", ("127.0.0.1", 1)),
        ("[::1]:0", ("::1", 0)),
        ("host:65535", ("host", 65535)),
    ],
)
def test_addresses_are_split(address: str, expected: tuple[str, int]) -> None:
    assert split_address(address) == expected


@pytest.mark.parametrize("address", ["", "host", ":1", "::1:1", "host:", "it:x", "it:65536"])
def test_malformed_addresses_are_refused(address: str) -> None:
    with pytest.raises(ValueError, match="HOST:PORT"):
        split_address(address)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.8.0.1:1", True),
        ("[::1]:1", True),
        ("localhost:1", True),
        ("0.0.0.0:1", False),
        ("[::]:1", False),
        ("example.org:1", False),
    ],
)
def test_loopback_is_known(address: str, expected: bool) -> None:
    assert is_loopback(address) is expected


def test_every_setting_is_described_in_the_table() -> None:
    table = settings_table()
    for name, field in Settings.model_fields.items():
        assert f"`FACEFOLK_{name.upper()}`" in table
        assert field.description
        assert field.description.endswith(".")
