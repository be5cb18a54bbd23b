"""Sessions for miniature networks."""

from __future__ import annotations

import pytest
from facefolk_server.vision.session import SessionFactory


@pytest.fixture(scope="session")
def sessions() -> SessionFactory:
    """Sessions on the CPU device of the OpenVINO execution provider."""
    return SessionFactory(device="CPU", streams=1)
