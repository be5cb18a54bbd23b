"""Keeps a device honest: self-test at start, a canary in N requests, and the CPU behind it.

Integrated GPUs are known to return empty or wrong results without an error. A guarded
network compares what the device says with ONNX Runtime's own CPU provider on a reference
input at start and on one request in N. A device that fails, gives NaN or disagrees is put in
quarantine, and the same request and all later ones are answered by the CPU.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from facefolk_server.errors import ModelUnavailableError
from facefolk_server.vision.session import Outputs, UInt8Array

MIN_COSINE = 0.999
MIN_BOX_IOU = 0.98

_logger = logging.getLogger(__name__)

Disagreement = Callable[[Outputs, Outputs, tuple[int, ...]], str]
"""Says how a device's outputs differ from the CPU's for an input of this shape; "" if not."""


class Runner(Protocol):
    """Whatever runs pixels through a model."""

    def run(self, pixels: UInt8Array) -> Outputs:
        """Return the outputs by name for `(batch, height, width, 3) uint8 RGB` pixels."""


@dataclass(frozen=True, slots=True)
class GuardOptions:
    """How a device is watched: the canary is one request in `canary_interval`, 0 for none."""

    require_device: bool = False
    canary_interval: int = 1000


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """Where a model runs now; `quarantined` says why not on the device wanted, or is empty."""

    model: str
    device: str
    quarantined: str
    self_tested: bool
    canaries: int


class GuardedNetwork:
    """A network on a device, with the CPU's own network to compare with and fall back to.

    Unless `watched` the device is trusted as long as it does not fail. Thread-safe.
    """

    def __init__(
        self,
        name: str,
        *,
        device: str,
        primary: Runner,
        reference: Runner,
        watched: bool,
        disagreement: Disagreement,
        options: GuardOptions,
    ) -> None:
        self._name = name
        self._device = device
        self._primary = primary
        self._reference = reference
        self._watched = watched
        self._disagreement = disagreement
        self._options = options
        self._requests = itertools.count(1)
        self._lock = threading.Lock()
        self._quarantined = ""
        self._self_tested = False
        self._canaries = 0

    @property
    def status(self) -> DeviceStatus:
        """Where the model runs now."""
        return DeviceStatus(
            model=self._name,
            device="cpu" if self._quarantined else self._device,
            quarantined=self._quarantined,
            self_tested=self._self_tested,
            canaries=self._canaries,
        )

    def self_test(self, pixels: UInt8Array) -> None:
        """Run a reference input, on the device and on the CPU where it is watched.

        Raises:
            ModelUnavailableError: the device failed and is required, or the CPU fails too.
        """
        if self._quarantined or not self._watched:
            self.run(pixels)
            return
        self._compare(pixels)
        self._self_tested = True

    def run(self, pixels: UInt8Array) -> Outputs:
        """Return the outputs of the device, or of the CPU where the device is not trusted.

        Raises:
            ModelUnavailableError: the device failed and is required, or the CPU fails too.
        """
        if self._quarantined:
            return self._reference.run(pixels)
        interval = self._options.canary_interval
        if self._watched and interval and next(self._requests) % interval == 0:
            self._canaries += 1
            return self._compare(pixels)
        outputs, failure = self._attempt(pixels)
        if outputs is not None and not failure:
            return outputs
        self._quarantine(failure)
        return self._reference.run(pixels)

    def _compare(self, pixels: UInt8Array) -> Outputs:
        outputs, failure = self._attempt(pixels)
        expected = self._reference.run(pixels)
        if outputs is not None and not failure:
            failure = self._disagreement(outputs, expected, pixels.shape)
        if failure or outputs is None:
            self._quarantine(failure)
            return expected
        return outputs

    def _attempt(self, pixels: UInt8Array) -> tuple[Outputs | None, str]:
        try:
            outputs = self._primary.run(pixels)
        except ModelUnavailableError as exc:
            return None, exc.message
        if self._watched and not all(np.isfinite(value).all() for value in outputs.values()):
            return outputs, f"{self._device} gave values that are not finite"
        return outputs, ""

    def _quarantine(self, failure: str) -> None:
        if self._options.require_device:
            raise ModelUnavailableError(
                f"{self._name} must run on {self._device}, but: {failure}",
                model=self._name,
                device=self._device,
            )
        with self._lock:
            if self._quarantined:
                return
            self._quarantined = failure
        _logger.warning(
            "%s is in quarantine, %s goes on with the CPU: %s",
            self._device,
            self._name,
            failure,
        )
