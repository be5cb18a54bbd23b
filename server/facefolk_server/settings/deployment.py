"""Every setting, with its default and what it is for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from facefolk_server.settings.addresses import is_loopback, split_address

PREFIX = "FACEFOLK_"
_MEBIBYTE = 1024 * 1024


def default_cache_dir() -> Path:
    """Return where model files lie unless said otherwise."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "facefolk"


class Settings(BaseSettings):
    """Every setting of a deployment; the table in the README is made from it."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", validate_default=False
    )

    listen: str = Field(
        "127.0.0.1:50051",
        description="Where to listen: `HOST:PORT`, port 0 for any that is free.",
    )
    data: str = Field(
        "./data",
        description="The store: a directory, made where it is missing, or the address of a "
        "bucket, such as `s3://bucket/facefolk`.",
    )
    insecure: bool = Field(
        default=False,
        description="Whether to listen beyond this machine without TLS and client "
        "certificates; refused unless it is said.",
    )
    tls_cert_file: Path | None = Field(
        None, description="The certificate chain of the server, PEM."
    )
    tls_key_file: Path | None = Field(None, description="The key of that certificate, PEM.")
    tls_client_ca_file: Path | None = Field(
        None,
        description="The authorities, PEM, one of which has to have signed a caller's "
        "certificate.",
    )
    pack: str = Field(
        "auto",
        description="The pack at the first start: a name, or `auto` for `open`, or `dlib` "
        "where `open` cannot be had. The choice then stays, until it is changed by "
        "`facefolk settings`.",
    )
    packs: Annotated[tuple[Path, ...], NoDecode] = Field(
        (),
        description="TOML files, or folders of them, with packs of your own; several are "
        "separated by `:`.",
    )
    model_mirror: str = Field(
        "",
        description="A directory, `file://` or `http(s)://` that stands for `https://` when "
        "models are fetched.",
    )
    cache_dir: Path = Field(
        default_factory=default_cache_dir,
        description="Where model files and their compiled forms lie.",
        json_schema_extra={"shown": "~/.cache/facefolk"},
    )
    accept_noncommercial: bool = Field(
        default=False,
        description="Whether the licenses of packs for non-commercial use are acknowledged.",
    )
    mirrored: bool = Field(
        default=False,
        description="Whether each face is embedded together with its mirror image, at twice "
        "the time. Embeddings made otherwise cannot be compared with these: after a change all "
        "assets are stale.",
    )
    device: Literal["AUTO", "CPU", "GPU", "NPU"] = Field(
        "AUTO", description="What models run on; `AUTO` takes a GPU where there is one."
    )
    precision: Literal["f32", "f16", "bf16"] = Field(
        "f32", description="The precision that models compute with."
    )
    provider: Literal["auto", "openvino", "onnxruntime"] = Field(
        "auto",
        description="What runs models where the device is the CPU and the precision `f32`: "
        "`auto` is the faster one, measured the first time that a pack is loaded on a machine.",
    )
    require_device: bool = Field(
        default=False,
        description="Whether to refuse to work when the device fails, in place of going on "
        "with the CPU.",
    )
    worker_threads: int = Field(
        0,
        ge=0,
        le=1024,
        description="How many images are worked on at once; 0 for one a processor.",
    )
    max_message_bytes: int = Field(
        32 * _MEBIBYTE, ge=_MEBIBYTE, description="The largest message, both ways, in bytes."
    )
    max_image_bytes: int = Field(
        32 * _MEBIBYTE, ge=1, description="The largest encoded image, in bytes."
    )
    max_image_pixels: int = Field(
        100_000_000, ge=1, le=2**28, description="The largest image, in pixels."
    )
    budget_bytes: int = Field(
        256 * _MEBIBYTE, ge=1, description="How many bytes of images may be in flight."
    )
    budget_pixels: int = Field(
        200_000_000, ge=1, description="How many pixels of images may be in flight."
    )
    budget_requests: int = Field(
        256, ge=1, description="How many calls with images may be in flight."
    )
    stream_in_flight: int = Field(
        16, ge=1, le=4096, description="How many frames of one stream may be in flight."
    )
    durability: Literal["process", "power"] = Field(
        "power",
        description="What acknowledged writes survive: the death of the `process`, or of "
        "`power` too.",
    )
    neighbors: Literal["auto", "exact", "approximate"] = Field(
        "auto",
        description="How rounds find neighbors where all pairs of faces are to be looked at: "
        "`exact`, or `approximate`, which misses a few and tells how many; `auto` is exact up "
        "to 300,000 faces.",
    )
    quiet_seconds: float = Field(
        10.0,
        ge=0,
        allow_inf_nan=False,
        description="How many seconds no frame comes in before a round begins.",
    )
    max_wait_seconds: float = Field(
        600.0,
        ge=0,
        allow_inf_nan=False,
        description="After how many seconds a round begins all the same.",
    )
    erasure_wait_seconds: float = Field(
        120.0,
        gt=0,
        allow_inf_nan=False,
        description="How many seconds old versions of tables may still be read after an "
        "erasure, before they go: the longest read and a minute.",
    )
    drain_seconds: float = Field(
        30.0,
        ge=0,
        allow_inf_nan=False,
        description="How many seconds calls that run may take when the server is told to stop.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="The least level that is logged, to the standard error stream."
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="Lines of `text`, or one `json` object a line."
    )
    channelz: bool = Field(
        default=False, description="Whether gRPC's own statistics are served."
    )

    @field_validator("packs", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """Split the variable like a search path; the file has a list."""
        if isinstance(value, str):
            return tuple(part for part in value.split(os.pathsep) if part)
        return value

    @field_validator("listen")
    @classmethod
    def _check_listen(cls, value: str) -> str:
        split_address(value)
        return value

    @field_validator("cache_dir")
    @classmethod
    def _expand(cls, value: Path) -> Path:
        return value.expanduser()

    @model_validator(mode="after")
    def _check_security(self) -> Self:
        if (self.tls_cert_file is None) != (self.tls_key_file is None):
            raise ValueError("tls_cert_file and tls_key_file go together")
        if self.tls_client_ca_file is not None and self.tls_cert_file is None:
            raise ValueError("tls_client_ca_file needs tls_cert_file and tls_key_file")
        if not (self.insecure or self.authenticated or is_loopback(self.listen)):
            raise ValueError(
                f"{self.listen} can be reached from other machines: set tls_cert_file, "
                "tls_key_file and tls_client_ca_file, or say insecure = true where the "
                "network itself is guarded"
            )
        return self

    @property
    def authenticated(self) -> bool:
        """Whether callers are known by their certificates."""
        return self.tls_client_ca_file is not None
