"""LanceDB, imported in half the time.

Whatever is used of it, it imports the client of its REST catalogs: a hundred and fifty modules
of checked records, 0.5 s of 1.1 with lancedb 0.40. Here they are promised, and imported when
one of their names is used, which a store in a folder never does.

On Python 3.11 it has each of its methods checked by the package `overrides` too, 0.2 s; from
3.12 on it does without, and so it does here.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any

_CATALOG_CLIENT = "lance_namespace_urllib3_client"
# Its extension module can be imported but once in a process.
_NATIVE = "lancedb._lancedb"


class Promise:
    """Stands for a name of a module that is imported when the name is used.

    To call it, to take an attribute of it, to derive from it and to ask what is an instance
    of it are uses.
    """

    def __init__(self, postponed: Postponed, module: str, name: str) -> None:
        self._of = (postponed, module, name)

    def _kept(self) -> Any:
        postponed, module, name = self._of
        return postponed.real(module, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Make one of what it stands for."""
        return self._kept()(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # whoever asks for these only wants to know what this is
            raise AttributeError(name)
        return getattr(self._kept(), name)

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, self._kept())

    def __mro_entries__(self, _bases: tuple[object, ...]) -> tuple[Any, ...]:
        return (self._kept(),)


class Postponed(MetaPathFinder, Loader):
    """The modules of a package as `sys.meta_path` finds them: any name of them is a promise."""

    def __init__(self, package: str) -> None:
        self._package = package
        self._lock = threading.Lock()

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return what loads the module, None where it is not of the package."""
        if name == self._package or name.startswith(f"{self._package}."):
            return ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, _spec: ModuleSpec) -> None:
        """Leave it to the interpreter."""

    def exec_module(self, module: ModuleType) -> None:
        """Let each name of the module be a promise."""

        def promised(name: str) -> Promise:
            if name.startswith("__"):
                raise AttributeError(name)
            return Promise(self, module.__name__, name)

        vars(module)["__getattr__"] = promised

    def real(self, module: str, name: str) -> Any:
        """Return what was promised."""
        self.give_way()
        found = import_module(module)
        return (
            getattr(found, name) if hasattr(found, name) else import_module(f"{module}.{name}")
        )

    def give_way(self) -> None:
        """Let the package be imported as any other from now on."""
        with self._lock:
            if self in sys.meta_path:
                sys.meta_path.remove(self)
                _forget(self._package)


def postpone(package: str) -> Postponed | None:
    """Let a package be there, and be imported at its first use.

    A package that is imported already, or is not installed, is left alone: None.
    """
    if package in sys.modules or find_spec(package) is None:
        return None
    postponed = Postponed(package)
    sys.meta_path.insert(0, postponed)
    return postponed


def import_lancedb() -> ModuleType:
    """Return LanceDB."""
    if "lancedb" in sys.modules:
        return import_module("lancedb")
    postponed = postpone(_CATALOG_CLIENT)
    try:
        with _nothing_overridden():
            return import_module("lancedb")
    except Exception:
        # A version that needs these where it is imported gets them.
        if postponed is not None:
            postponed.give_way()
        _forget("lancedb", "lance_namespace", but=_NATIVE)
        return import_module("lancedb")


@contextmanager
def _nothing_overridden() -> Iterator[None]:
    """Let `overrides` check nothing meanwhile, as in `typing` of Python 3.12."""
    name = "overrides"
    if sys.version_info >= (3, 12) or name in sys.modules:
        yield
        return
    unchecked = ModuleType(name)
    bare = type("EnforceOverrides", (), {})
    vars(unchecked).update(override=lambda method: method, EnforceOverrides=bare)
    sys.modules[name] = unchecked
    try:
        yield
    finally:
        del sys.modules[name]


def _forget(*packages: str, but: str = "") -> None:
    for name in list(sys.modules):
        if name.partition(".")[0] in packages and name != but:
            del sys.modules[name]
