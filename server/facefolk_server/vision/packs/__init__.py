"""The packs there are: a frozen table, and what a user adds to it."""

from facefolk_server.vision.packs.builtin import BUILTIN_PACKS
from facefolk_server.vision.packs.entry import PackEntry
from facefolk_server.vision.packs.table import AUTO, PackTable
from facefolk_server.vision.packs.toml import load_packs

__all__ = ["AUTO", "BUILTIN_PACKS", "PackEntry", "PackTable", "load_packs"]
