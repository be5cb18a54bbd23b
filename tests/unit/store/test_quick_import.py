"""Tests of importing LanceDB without the client of its REST catalogs."""

from __future__ import annotations

import json
import subprocess
import sys

from facefolk_server.store.quick_import import postpone

_SCRIPT = """
import sys
import facefolk_server.store
client = sys.modules["lance_namespace_urllib3_client"]
assert "lance_namespace_urllib3_client.api" not in sys.modules
assert not hasattr(client, "__wrapped__")
assert "lance_namespace_urllib3_client.api" not in sys.modules
from lance_namespace_urllib3_client import ApiClient, api
assert client.ApiClient is ApiClient and hasattr(api, "TableApi")
assert not hasattr(client, "Nothing")
"""


def test_the_client_of_catalogs_waits_until_it_is_used() -> None:
    ran = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def test_what_is_imported_or_missing_is_left_alone() -> None:
    before = json
    postpone("json")
    postpone("facefolk_no_such_package")
    assert sys.modules["json"] is before
    assert "facefolk_no_such_package" not in sys.modules
