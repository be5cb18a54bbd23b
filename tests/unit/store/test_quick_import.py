"""Tests of importing LanceDB without the client of its REST catalogs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from facefolk_server.store.quick_import import postpone

_CLIENT = "lance_namespace_urllib3_client"

_POSTPONED = f"""
import sys, tempfile
import pyarrow
from facefolk_server.store.database import Database, Place, lancedb
import lance_namespace

def is_imported():
    return getattr(sys.modules["{_CLIENT}"], "__file__", None) is not None

with tempfile.TemporaryDirectory() as folder:
    database = Database(Place(folder, "process"))
    schema = pyarrow.schema([pyarrow.field("id", "string", nullable=False)])
    table = database.create("cats", schema, ["id"])
    table.upsert(pyarrow.table({{"id": ["tom"]}}, schema), ["id"])
    assert database.names() == ["cats"]
    assert not is_imported() and not hasattr(lance_namespace.ListTablesResponse, "__fields__")

    answer = lancedb.connect(folder).list_tables()
    assert answer.tables == ["cats"] and is_imported()

from {_CLIENT} import ApiClient, api, models
assert isinstance(answer, models.ListTablesResponse)
assert isinstance(answer, lance_namespace.ListTablesResponse)
assert ApiClient.__module__.startswith("{_CLIENT}.") and hasattr(api, "TableApi")
class Derived(lance_namespace.ListTablesResponse): pass
assert issubclass(Derived, models.ListTablesResponse)
"""

_LANCEDB = """
import lance_namespace_urllib3_client as client
if type(client.Model) is not type:
    raise TypeError("this version needs the class itself")
from overrides import override
"""


def run(script: str, **environment: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    assert ran.returncode == 0, ran.stderr


def test_the_client_of_catalogs_waits_until_it_is_used() -> None:
    run(_POSTPONED)


def test_a_version_that_needs_it_at_once_gets_it(tmp_path: Path) -> None:
    """And `overrides` is the real one afterwards, whoever else wants it."""
    (tmp_path / "lancedb.py").write_text(_LANCEDB)
    (tmp_path / _CLIENT).mkdir()
    (tmp_path / _CLIENT / "__init__.py").write_text("class Model: pass")
    (tmp_path / "overrides.py").write_text("def override(method): return method\nREAL = True")
    path = Path(__file__).parents[3] / "server/facefolk_server/store/quick_import.py"
    script = f"import runpy; lancedb = runpy.run_path({str(path)!r})['import_lancedb']()\n"
    script += "assert lancedb.client.Model.__name__ == 'Model'\n"
    script += "import overrides; assert overrides.REAL\n"
    run(script, PYTHONPATH=str(tmp_path))


def test_what_is_imported_or_missing_is_left_alone() -> None:
    before = json
    assert postpone("json") is None
    assert postpone("facefolk_no_such_package") is None
    assert sys.modules["json"] is before
    assert "facefolk_no_such_package" not in sys.modules
