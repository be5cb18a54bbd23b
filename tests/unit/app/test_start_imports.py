"""Tests of what a server does without to start: each of these costs it a tenth of a second."""

from __future__ import annotations

import subprocess
import sys

_SCRIPT = """
import sys
import facefolk_server.cli
import facefolk_server.app.lifecycle
print(*sys.modules)
"""
# What fetches and makes models, what makes 8-bit ones, the client, and LanceDB's catalogs.
SELDOM_NEEDED = (
    "httpx2",
    "requests",
    "unearth",
    "facefolk_server.vision.dlib_network",
    "facefolk_server.vision.quantization",
    "onnxruntime.quantization",
    "facefolk._client",
    "lance_namespace_urllib3_client.models.list_tables_response",
)


def test_a_start_imports_nothing_that_is_seldom_needed() -> None:
    ran = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert not set(SELDOM_NEEDED) & set(ran.stdout.split())
