"""Runs prepared ONNX graphs; the only module that knows onnxruntime as such.

`quantization` uses its tool for files.

ONNX Runtime goes on with its own CPU provider when the OpenVINO provider cannot be had, in
whole or for single nodes, and says so at most on stderr. Here that is an error: sessions are
built with the fallback disabled, and the provider is asserted afterwards. Whether to go on
with the CPU is decided by `guard`.

Where the device is the CPU there are two providers for it, and which is faster depends on the
machine and the network: see `choosing`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as native

from facefolk_server.errors import ModelUnavailableError
from facefolk_server.vision.specs import INPUT_NAME

FloatArray = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]
Array = NDArray[Any]
Outputs = Mapping[str, FloatArray]
Device = Literal["AUTO", "GPU", "CPU", "NPU"]
Precision = Literal["f32", "f16", "bf16"]
Provider = Literal["openvino", "onnxruntime"]
RUNTIME_VERSION: str = ort.__version__

_OPENVINO = "OpenVINOExecutionProvider"
_CPU = "CPUExecutionProvider"
_FATAL_ONLY = 4

_logger = logging.getLogger(__name__)


class Session(Protocol):
    """A network at one static shape on one device."""

    @property
    def device(self) -> str:
        """What the network runs on, such as `openvino:GPU` or `cpu`."""

    def run(self, pixels: UInt8Array) -> Outputs:
        """Return the outputs by name for `(batch, height, width, 3) uint8 RGB` pixels."""


class SessionFactory:
    """Builds sessions on one device of the OpenVINO execution provider.

    `streams` requests run at once, each on one thread where the device is the CPU. Compiled
    networks are kept in `cache_dir`. With the provider `onnxruntime`, for the CPU alone,
    sessions are those of ONNX Runtime itself, each request on the thread that calls.
    """

    def __init__(
        self,
        *,
        device: Device = "AUTO",
        precision: Precision = "f32",
        provider: Provider = "openvino",
        cache_dir: Path | None = None,
        streams: int = 2,
    ) -> None:
        # Its own warnings repeat on stderr what is raised here as an error.
        ort.set_default_logger_severity(_FATAL_ONLY)
        self.wanted_device = device
        self.device = resolve_device(device, available_devices())
        self.precision = precision
        self.provider = provider
        self.streams = streams
        self._options = _provider_options(
            self.device, precision=precision, cache_dir=cache_dir, streams=streams
        )

    @property
    def place(self) -> str:
        """What built networks run on, such as `openvino:GPU` or `cpu`."""
        return "cpu" if self.provider == "onnxruntime" else f"openvino:{self.device}"

    def build(self, model: bytes) -> Session:
        """Compile a prepared model for the device.

        Raises:
            ModelUnavailableError: the device cannot be had or does not take the whole model.
        """
        if self.provider == "onnxruntime":
            return self.build_reference(model)
        options = _session_options()
        options.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
        return _build(model, options, (_OPENVINO, self._options), device=self.place)

    def build_reference(self, model: bytes) -> Session:
        """Build the same model on ONNX Runtime's own CPU provider, for comparison.

        Raises:
            ModelUnavailableError: the model cannot be run at all.
        """
        _share_memory()
        options = _session_options()
        options.add_session_config_entry("session.use_env_allocators", "1")
        return _build(model, options, (_CPU, {}), device="cpu")


class Kernel:
    """A graph over arrays of the caller's, on ONNX Runtime's own CPU provider.

    It computes in the thread that calls, and in several threads at once.

    Raises:
        ModelUnavailableError: the graph cannot be run.
    """

    def __init__(self, model: bytes) -> None:
        self._session = _opened(model, _session_options(), (_CPU, {}), device="cpu")

    def run(self, inputs: Mapping[str, Array], *, output: str, out: Array) -> None:
        """Compute the output into `out`; all arrays are contiguous.

        Raises:
            ModelUnavailableError: the graph does not take these arrays.
        """
        bound = self._session.io_binding()
        try:
            for name, array in inputs.items():
                bound.bind_input(name, *_memory(array))
            bound.bind_output(output, *_memory(out))
            self._session.run_with_iobinding(bound)
        except Exception as exc:  # onnxruntime's errors have no common base of their own
            raise ModelUnavailableError(
                f"the kernel failed: {_first_line(exc)}", device="cpu"
            ) from exc


def _memory(array: Array) -> tuple[str, int, np.dtype[Any], tuple[int, ...], int]:
    return "cpu", 0, array.dtype, array.shape, array.ctypes.data


def available_devices() -> tuple[str, ...]:
    """Return the devices that OpenVINO sees here, such as `("CPU", "GPU")`."""
    # The public API lists the devices of plug-in providers only, which this one is not.
    return tuple(native.get_available_openvino_device_ids())


def resolve_device(wanted: Device, available: tuple[str, ...]) -> str:
    """Return the device to use: with AUTO the GPU when there is one, else the CPU."""
    if wanted != "AUTO":
        return wanted
    gpus = sorted(name for name in available if name.split(".")[0] == "GPU")
    return gpus[0] if gpus else "CPU"


def _provider_options(
    device: str, *, precision: Precision, cache_dir: Path | None, streams: int
) -> dict[str, str]:
    options = {"device_type": device, "num_streams": str(streams)}
    if device == "CPU":
        options["num_of_threads"] = str(streams)
        # Detector and recognizer are compiled apart. With pinning the first streams of both
        # are bound to the same core and wait for each other.
        properties = {"ENABLE_CPU_PINNING": "NO"}
        if precision != "f32":
            properties["INFERENCE_PRECISION_HINT"] = precision
        options["load_config"] = json.dumps({"CPU": properties})
    else:
        options["precision"] = "FP32" if precision == "f32" else "FP16"
    if cache_dir is not None:
        cache_dir.mkdir(parents=True, exist_ok=True)
        options["cache_dir"] = str(cache_dir)
    return options


@lru_cache(maxsize=1)
def _share_memory() -> None:
    """Let all sessions of the CPU provider take what they compute in from one arena.

    With an arena each, a dozen shapes of a detector in two threads hold 510 MB, so 250.
    """
    place = ort.OrtMemoryInfo(
        "Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT
    )
    as_requested = ort.OrtArenaCfg({"arena_extend_strategy": 1})
    ort.create_and_register_allocator(place, as_requested)


def _session_options() -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.log_severity_level = _FATAL_ONLY
    # Callers bring their own threads; one more pool a session would only compete with them.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return options


def _build(
    model: bytes,
    options: ort.SessionOptions,
    provider: tuple[str, dict[str, str]],
    *,
    device: str,
) -> Session:
    return _OrtSession(_opened(model, options, provider, device=device), device=device)


def _opened(
    model: bytes,
    options: ort.SessionOptions,
    provider: tuple[str, dict[str, str]],
    *,
    device: str,
) -> ort.InferenceSession:
    # The interpreter stands still until the session is built: this call keeps the GIL
    # (https://github.com/microsoft/onnxruntime/issues/27063), runs do not. On a CPU that is
    # half a second with OpenVINO, its cache full or empty, and 0.02 s with ONNX Runtime's own.
    try:
        session = ort.InferenceSession(model, options, providers=[provider])
    except Exception as exc:  # onnxruntime's errors have no common base of their own
        raise ModelUnavailableError(
            f"the model cannot be loaded on {device}: {_first_line(exc)}", device=device
        ) from exc
    used = session.get_providers()[0]
    if used != provider[0]:
        raise ModelUnavailableError(
            f"the model was to run on {device}, but onnxruntime chose {used}", device=device
        )
    return session


class _OrtSession:
    def __init__(self, session: ort.InferenceSession, *, device: str) -> None:
        self._session = session
        self._names = [output.name for output in session.get_outputs()]
        self._device = device

    @property
    def device(self) -> str:
        return self._device

    def run(self, pixels: UInt8Array) -> Outputs:
        try:
            values = self._session.run(self._names, {INPUT_NAME: pixels})
        except Exception as exc:  # onnxruntime's errors have no common base of their own
            raise ModelUnavailableError(
                f"the model failed on {self._device}: {_first_line(exc)}", device=self._device
            ) from exc
        return dict(zip(self._names, values, strict=True))


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:300] if lines else type(error).__name__
