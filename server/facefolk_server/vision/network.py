"""A model file as a set of sessions, one for each static shape it is run at."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from facefolk_server.errors import ModelUnavailableError
from facefolk_server.vision.session import Outputs, Session, UInt8Array
from facefolk_server.vision.specs import InputLayout, StaticShape
from facefolk_server.vision.surgery import prepare

ModelFile = bytes | Path
Build = Callable[[bytes], Session]


class Network:
    """Runs a model at any of a few static shapes; a session is built at its first use.

    Thread-safe. The file is read again for each shape, so that a large one is not held in
    memory beside its compiled forms.
    """

    def __init__(self, model: ModelFile, *, layout: InputLayout, build: Build) -> None:
        self._model = model
        self._layout = layout
        self._build = build
        self._sessions: dict[StaticShape, Session] = {}
        self._lock = threading.Lock()

    def session(self, shape: StaticShape) -> Session:
        """Return the session for this shape, building it where there is none.

        Raises:
            ModelUnavailableError: the file cannot be read or the model not be built.
        """
        found = self._sessions.get(shape)
        if found is not None:
            return found
        with self._lock:
            if shape not in self._sessions:
                prepared = prepare(self._read(), layout=self._layout, shape=shape)
                self._sessions[shape] = self._build(prepared)
            return self._sessions[shape]

    def run(self, pixels: UInt8Array) -> Outputs:
        """Return the outputs for `(batch, height, width, 3) uint8 RGB` pixels.

        Raises:
            ModelUnavailableError: the model cannot be built or fails.
        """
        batch, height, width, _ = pixels.shape
        return self.session(StaticShape(batch, height, width)).run(pixels)

    def _read(self) -> bytes:
        if isinstance(self._model, bytes):
            return self._model
        try:
            return self._model.read_bytes()
        except OSError as exc:
            raise ModelUnavailableError(
                f"the model file {self._model.name} cannot be read; fetch it again"
            ) from exc
