"""The built-in packs: what they are, and that a digest never changes by accident."""

from __future__ import annotations

import dataclasses
import re
from urllib.parse import urlsplit

import pytest
from facefolk_server.errors import InvalidRequestError, PackNotFoundError
from facefolk_server.vision.conversions import CONVERSIONS
from facefolk_server.vision.detectors.detector import DECODERS
from facefolk_server.vision.downloads.sources import (
    DEFAULT_ALLOWED_HOSTS,
    ArchiveMember,
    PackageMember,
    WebFile,
)
from facefolk_server.vision.packs import BUILTIN_PACKS, PackEntry, PackTable

PACKS = list(BUILTIN_PACKS.values())
INSIGHTFACE = ("buffalo_sc", "buffalo_m", "buffalo_l", "antelopev2")

# A changed digest makes every stored face stale: change one only with that in mind.
DIGESTS = {
    "open": "f637d5030bd1efc995ff681122b17d385151e440ebe6103dd67accd0dded037e",
    "open-small": "589b5f96b2d72e067c6a1639458616f897a86605d7fe9953b918e75a8dc63e2c",
    "dlib": "60c95e507500cb2495c54841a3ad91b6960e6df6f8fa0c74d68a5b070e05eff4",
    "sface": "d2a4c38f8c0341192bf67b67418162610de114a119ff6493f46e522459ca4b4a",
    "buffalo_sc": "b76839245738ab399c95573d368e187fe89cf876d09018dd5e7cb2e8b88f0d02",
    "buffalo_m": "2079f61c13ff9aed77304e2d147f6dfb3b643dbbaaf80660063a5d50bf501423",
    "buffalo_l": "bda924151bf8963b16c5299c276fd9f1d030e24113067fe039054c03a23a926c",
    "antelopev2": "93a756d1a65d93c651f17ce856966b509cc139f0f5e043c08c2dcc1263a531e0",
}


def test_the_digests_are_pinned() -> None:
    assert {name: entry.digest for name, entry in BUILTIN_PACKS.items()} == DIGESTS


def test_the_packs_are_those_of_the_documentation() -> None:
    assert list(BUILTIN_PACKS) == ["open", "open-small", "dlib", "sface", *INSIGHTFACE]
    found = {
        name: (entry.detector.decoder, entry.embedder.dimension, entry.recommended_distance)
        for name, entry in BUILTIN_PACKS.items()
    }
    assert found == {
        "open": ("yunet", 128, 0.5),
        "open-small": ("yunet", 128, 0.5),
        "dlib": ("centerface", 128, 0.05),
        "sface": ("yunet", 128, 0.5),
        **dict.fromkeys(INSIGHTFACE, ("scrfd", 512, 0.5)),
    }


@pytest.mark.parametrize("entry", PACKS, ids=lambda entry: entry.name)
def test_every_file_has_a_checksum_a_size_and_a_source(entry: PackEntry) -> None:
    assert entry.license
    assert entry.summary
    assert entry.recommended_min_score == 0.7
    assert entry.size_bytes
    assert entry.detector.decoder in DECODERS
    for file in entry.files:
        assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
        assert file.size_bytes
        assert file.download_bytes
        assert file.conversion in {"", *CONVERSIONS}
        assert file.sources
        for source in file.sources:
            match source:
                case WebFile(url=url) | ArchiveMember(url=url):
                    assert urlsplit(url).scheme == "https"
                    assert urlsplit(url).netloc in DEFAULT_ALLOWED_HOSTS
                case PackageMember(sha256=sha256, size_bytes=size):
                    assert re.fullmatch(r"[0-9a-f]{64}", sha256)
                    assert size


def test_only_the_archives_of_insightface_need_an_acknowledgement() -> None:
    assert {entry.name for entry in PACKS if entry.noncommercial} == set(INSIGHTFACE)


@pytest.mark.parametrize("name", INSIGHTFACE)
def test_both_files_of_an_archive_are_one_download(name: str) -> None:
    detector, embedder = BUILTIN_PACKS[name].files
    assert detector.download_key == embedder.download_key
    assert detector.sha256 != embedder.sha256


def test_two_packs_may_share_files() -> None:
    large, antelope = BUILTIN_PACKS["buffalo_l"], BUILTIN_PACKS["antelopev2"]
    assert large.detector_file.sha256 == antelope.detector_file.sha256
    medium = BUILTIN_PACKS["buffalo_m"]
    assert large.embedder_file.sha256 == medium.embedder_file.sha256


@pytest.mark.parametrize("entry", PACKS, ids=lambda entry: entry.name)
def test_what_changes_embeddings_changes_the_digest(entry: PackEntry) -> None:
    def changed(**fields: object) -> str:
        return dataclasses.replace(entry, **fields).digest

    same = [
        changed(license="other", summary="other", recommended_distance=0.1, name="other"),
        changed(detector=dataclasses.replace(entry.detector, score_floor=0.5)),
    ]
    assert set(same) == {entry.digest}
    others = [
        changed(detector=dataclasses.replace(entry.detector, nms_iou=0.5)),
        changed(detector=dataclasses.replace(entry.detector, max_upscale=1.0)),
        changed(embedder=dataclasses.replace(entry.embedder, crop_side=160)),
        changed(embedder_file=dataclasses.replace(entry.embedder_file, sha256="0" * 64)),
        changed(embedder_file=dataclasses.replace(entry.embedder_file, conversion="x")),
    ]
    assert len({entry.digest, *others}) == 6


def test_a_pack_knows_what_the_vision_code_needs() -> None:
    entry = BUILTIN_PACKS["open"]
    pack = entry.pack()
    assert (pack.name, pack.digest, pack.dimension) == ("open", entry.digest, 128)
    assert pack.detector is entry.detector


def test_names_are_taken_once() -> None:
    own = dataclasses.replace(BUILTIN_PACKS["open"], name="mine")
    table = PackTable([own])
    assert [entry.name for entry in table] == [*BUILTIN_PACKS, "mine"]
    assert table.get("mine") is own
    for name in ("open", "auto"):
        with pytest.raises(InvalidRequestError, match=f"a pack {name} already"):
            PackTable([dataclasses.replace(own, name=name)])
    with pytest.raises(InvalidRequestError, match="a pack mine already"):
        PackTable([own, own])


def test_an_unknown_pack_is_told_with_those_there_are() -> None:
    with pytest.raises(
        PackNotFoundError, match="no pack is named 'ouvert'; there are open, open-small"
    ):
        PackTable().get("ouvert")
