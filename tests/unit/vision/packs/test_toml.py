"""Packs of the user's own, from TOML files."""

from __future__ import annotations

from pathlib import Path

import pytest
from facefolk_server.errors import InvalidRequestError
from facefolk_server.vision.downloads.sources import ArchiveMember, LocalFile, WebFile
from facefolk_server.vision.packs import load_packs, toml
from facefolk_server.vision.specs import InputLayout

A, B, C = "a" * 64, "b" * 64, "c" * 64
GOOD = f"""
name = "mine"
license = "Apache-2.0"
recommended_distance = 0.4

[detector]
decoder = "yunet"
source = "models/detector.onnx"
sha256 = "{A}"
layout = {{ channel_order = "bgr" }}

[embedder]
dimension = 256
source = "https://github.com/someone/something/releases/download/v1/models.zip"
archive_sha256 = "{C}"
member = "recognizer.onnx"
sha256 = "{B}"
size_bytes = 1000
layout = {{ mean = [127.5, 127.5, 127.5], std = [127.5, 127.5, 127.5] }}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mine.toml"


def load(path: Path, text: str = GOOD) -> object:
    path.write_text(text)
    (entry,) = load_packs([path])
    return entry


def changed(*changes: tuple[str, str]) -> str:
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def test_a_whole_pack_is_read(path: Path) -> None:
    entry = load(path)
    assert (entry.name, entry.license, entry.recommended_distance) == (
        "mine",
        "Apache-2.0",
        0.4,
    )
    assert entry.recommended_min_score == 0.7
    assert not entry.noncommercial
    assert entry.detector.decoder == "yunet"
    assert entry.detector.layout == InputLayout(channel_order="bgr")
    assert entry.detector_file.name == "detector.onnx"
    assert entry.detector_file.sources == (LocalFile(path.parent / "models/detector.onnx"),)
    assert entry.embedder.dimension == 256
    assert entry.embedder.layout.mean == (127.5,) * 3
    assert entry.embedder_file.name == "recognizer.onnx"
    assert entry.embedder_file.sha256 == B
    assert entry.embedder_file.size_bytes == 1000
    (source,) = entry.embedder_file.sources
    assert isinstance(source, ArchiveMember)
    assert (source.sha256, source.member) == (C, "recognizer.onnx")
    assert len(entry.digest) == 64


def test_checksums_may_be_in_capitals(path: Path) -> None:
    assert load(path, changed((A, A.upper()))).detector_file.sha256 == A


def test_the_example_of_the_documentation_is_a_pack(path: Path) -> None:
    example = toml.__doc__.split("\n\n", 1)[1].rsplit("The other keys", 1)[0]
    text = "\n".join(line.removeprefix("    ") for line in example.splitlines())
    assert load(path, text.replace('"..."', f'"{A}"')).name == "mine"


def test_every_field_of_the_specs_can_be_set(path: Path) -> None:
    text = changed(
        (
            'decoder = "yunet"',
            'decoder = "scrfd"\nanchors_per_cell = 2\nstrides = [8, 16]\nmultiple = 64\n'
            "shapes = [[320, 320], [640, 640]]\nletterbox_color = [114, 114, 114]\n"
            'placement = "center"\nmax_upscale = 1\nnms_iou = 0.3\nscore_floor = 0.1\n'
            "max_candidates = 500",
        ),
        ("dimension = 256", 'dimension = 256\ncrop_side = 150\nalignment = "dlib"'),
        ("recommended_distance = 0.4", "recommended_distance = 1\nrecommended_min_score = 0.6"),
    )
    entry = load(path, text)
    assert entry.detector.shapes == ((320, 320), (640, 640))
    assert entry.detector.strides == (8, 16)
    assert entry.detector.placement == "center"
    assert (entry.embedder.crop_side, entry.embedder.alignment) == (150, "dlib")
    assert (entry.recommended_distance, entry.recommended_min_score) == (1.0, 0.6)


def test_a_web_file_of_an_allowed_host_is_a_source(path: Path) -> None:
    url = "https://huggingface.co/someone/some/resolve/main/detector.onnx"
    entry = load(path, changed(("models/detector.onnx", url)))
    assert entry.detector_file.sources == (WebFile(url),)
    assert entry.detector_file.name == "detector.onnx"


def test_hosts_can_be_allowed(path: Path) -> None:
    path.write_text(changed(("github.com", "models.example.com")))
    with pytest.raises(InvalidRequestError, match=r"nor https:// at an allowed host \(github"):
        load_packs([path])
    assert load_packs([path], allowed_hosts={"models.example.com"})


@pytest.mark.parametrize(
    "source",
    [
        "http://github.com/a/b.onnx",
        "https://github.com.evil.example/a/b.onnx",
        "https://me@github.com/a/b.onnx",
        "https://github.com:444/a/b.onnx",
        "ftp://github.com/a/b.onnx",
        "file:///etc/passwd",
    ],
)
def test_other_addresses_are_no_sources(path: Path, source: str) -> None:
    path.write_text(changed(("models/detector.onnx", source)))
    with pytest.raises(InvalidRequestError, match="neither a local file nor https://"):
        load_packs([path])


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (f'sha256 = "{A}"\n', "", "detector.sha256: Field required"),
        (f'sha256 = "{B}"\n', "", "embedder.sha256: Field required"),
        (A, "a" * 63, "detector.sha256"),
        (A, "z" * 64, "detector.sha256"),
        (f'archive_sha256 = "{C}"\n', "", "member and archive_sha256 belong together"),
        ('member = "recognizer.onnx"\n', "", "member and archive_sha256 belong together"),
        ("https://github.com/someone/something/releases/download/v1/", "", "local archive"),
        ("releases/download", "releases/../../x", "must not contain"),
        ('name = "mine"\n', "", "name: Field required"),
        ('"mine"', '"../mine"', "name"),
        ('"mine"', '"Mine"', "name"),
        ('"mine"', f'"{"m" * 41}"', "name"),
        ('license = "Apache-2.0"\n', "", "license: Field required"),
        ("0.4", "0", "recommended_distance"),
        ("0.4", "2.5", "recommended_distance"),
        ("0.4", "nan", "recommended_distance"),
        ("recommended_distance", "distance", "distance"),
        ('"yunet"', '"yolo"', "detector.decoder"),
        ('decoder = "yunet"\n', "", "detector.decoder"),
        ("dimension = 256", "dimension = 0", "embedder.dimension"),
        ("dimension = 256", "dimension = 100000", "embedder.dimension"),
        ("dimension = 256", 'dimension = "many"', "embedder.dimension"),
        ("dimension = 256", "dimension = 256\ncrop_side = -1", "crop_side"),
        ("dimension = 256", "dimension = 256\ncolour = 1", "embedder has no key colour"),
        ('"yunet"', '"yunet"\nshapes = []', "shapes"),
        ('"yunet"', '"yunet"\nshapes = [[300, 300]]', "multiples of 32"),
        ('"yunet"', '"yunet"\nstrides = []', "strides"),
        ('"yunet"', '"yunet"\nconversion = "magic"', "conversion must be one of: dlib"),
        ('channel_order = "bgr"', 'channel_order = "grb"', "channel_order"),
        ('channel_order = "bgr"', 'order = "bgr"', "detector.layout has no key order"),
        ("std = [127.5, 127.5, 127.5]", "std = [127.5, 0, 127.5]", "layout.std"),
        ("std = [127.5, 127.5, 127.5]", "std = [1, 1]", "std"),
        ("[embedder]", "[recognizer]", "embedder"),
        ("name =", "name", "mine.toml"),
    ],
)
def test_what_is_wrong_is_named_with_its_file(
    path: Path, old: str, new: str, named: str
) -> None:
    path.write_text(changed((old, new)))
    with pytest.raises(InvalidRequestError) as caught:
        load_packs([path])
    assert str(path) in caught.value.message
    assert named in caught.value.message


def test_folders_are_searched_in_order(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / f"{name}.toml").write_text(changed(('"mine"', f'"{name}"')))
    (tmp_path / "notes.txt").write_text("no pack")
    assert [entry.name for entry in load_packs([tmp_path])] == ["a", "b"]
    assert load_packs([]) == []


def test_a_file_that_is_not_there_is_named(path: Path) -> None:
    with pytest.raises(InvalidRequestError, match=r"mine\.toml"):
        load_packs([path])
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidRequestError, match=r"mine\.toml"):
        load_packs([path])
