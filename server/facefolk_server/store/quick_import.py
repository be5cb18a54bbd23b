"""LanceDB, imported in half the time.

It imports the client of its REST catalogs whatever is used, and that package compiles the
checks of hundreds of methods: 1.2 s of 2.8 with lancedb 0.40. Here the package waits until
one of those methods is asked for, which a store in a folder or a bucket never does.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec, module_from_spec
from types import ModuleType

_CATALOG_CLIENT = "lance_namespace_urllib3_client"


def postpone(name: str) -> None:
    """Let a package be there, modules in it importable, and run it at its first use.

    A package that is imported already, or is not installed, is left alone. LazyLoader of the
    standard library does not serve: importing a module of the package would run it.
    """
    if name in sys.modules or (spec := find_spec(name)) is None or (run := spec.loader) is None:
        return
    package = module_from_spec(spec)

    def complete(attribute: str) -> object:
        # Whoever looks through all modules asks for names like this one of each.
        if attribute.startswith("__") or "__getattr__" not in vars(package):
            raise AttributeError(f"module {name!r} has no attribute {attribute!r}")
        del vars(package)["__getattr__"]
        run.exec_module(package)
        return getattr(package, attribute)

    vars(package)["__getattr__"] = complete
    sys.modules[name] = package


def import_lancedb() -> ModuleType:
    """Return LanceDB."""
    postpone(_CATALOG_CLIENT)
    import lancedb

    return lancedb
