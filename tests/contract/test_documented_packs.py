"""The pack in docs/packs.md is one that can be loaded."""

from __future__ import annotations

import re
from pathlib import Path

from facefolk_server.vision.packs import load_packs

DOCUMENT = Path(__file__).parents[2] / "docs/packs.md"


def test_the_documented_pack_can_be_read(tmp_path: Path) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    (tmp_path / "mine.toml").write_text(text)
    (pack,) = load_packs([tmp_path])
    assert (pack.name, pack.embedder.dimension) == ("mine", 128)
    assert pack.detector.decoder == "yunet"
