"""Model files from this machine are known by their checksums, whatever they are called."""

from __future__ import annotations

import os
from pathlib import Path

import onnx
import pytest
from builders import recognizer, scrfd
from facefolk_server.errors import InvalidRequestError
from facefolk_server.vision.downloads.cache import ModelCache
from facefolk_server.vision.downloads.importing import ImportReport, import_models
from facefolk_server.vision.downloads.model_store import ModelStore
from facefolk_server.vision.packs import PackEntry
from unit.vision.downloads.samples import (
    DETECTOR,
    EMBEDDER,
    archived,
    entry,
    file,
    sha256,
    tarred,
    zipped,
)

MINI = entry()


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "cache", accept_noncommercial=True)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "place"
    folder.mkdir()
    return folder


def taken(report: ImportReport) -> set[str]:
    return {item.file.name for item in report.imported}


def test_a_file_is_known_by_its_content(store: ModelStore, place: Path) -> None:
    path = place / "whatever.bin"
    path.write_bytes(DETECTOR)
    report = import_models(store.cache, path, [MINI])
    (item,) = report.imported
    assert (item.origin, item.file, item.packs) == (str(path), MINI.detector_file, ("mini",))
    assert report.unrecognized == []
    assert path.read_bytes() == DETECTOR
    assert store.cache.find(sha256(DETECTOR), "x.onnx")
    assert list((store.cache.root / "partial").iterdir()) == []


def test_an_unknown_file_is_told_with_its_checksum(store: ModelStore, place: Path) -> None:
    path = place / "detector.onnx"
    path.write_bytes(b"another")
    report = import_models(store.cache, path, [MINI])
    assert report.imported == []
    (left,) = report.unrecognized
    assert sha256(b"another") in left.reason


def test_a_folder_is_searched_for_models_and_archives(store: ModelStore, place: Path) -> None:
    (place / "deep" / "deeper").mkdir(parents=True)
    (place / "deep" / "deeper" / "a.ONNX").write_bytes(DETECTOR)
    (place / "pack.zip").write_bytes(zipped({"x/y.onnx": EMBEDDER}))
    (place / "notes.txt").write_bytes(DETECTOR)
    (place / "other.onnx").write_bytes(b"another")
    (place / "folder.onnx").mkdir()
    report = import_models(store.cache, place, [MINI])
    assert taken(report) == {"detector.onnx", "recognizer.onnx"}
    assert [left.origin for left in report.unrecognized] == [str(place / "other.onnx")]
    assert store.find(MINI)


@pytest.mark.parametrize("pack_up", [zipped, tarred])
def test_members_of_an_archive_are_known_by_content(
    store: ModelStore, place: Path, pack_up: object
) -> None:
    path = place / "some.archive"
    path.write_bytes(pack_up({"a": DETECTOR, "b/c": EMBEDDER, "d": b"x"}))
    report = import_models(store.cache, path, [MINI])
    assert {item.origin for item in report.imported} == {f"{path}: a", f"{path}: b/c"}
    assert report.unrecognized == []


def test_the_published_archive_of_a_pack_is_taken(store: ModelStore, place: Path) -> None:
    archive = zipped({"p/det.onnx": DETECTOR, "p/rec.onnx": EMBEDDER})
    pack = entry(
        detector=archived("det.onnx", DETECTOR, archive),
        embedder=archived("rec.onnx", EMBEDDER, archive),
    )
    (place / "pack.zip").write_bytes(archive)
    import_models(store.cache, place / "pack.zip", [pack])
    assert store.find(pack)


def test_archives_with_nothing_or_broken_are_told(store: ModelStore, place: Path) -> None:
    (place / "empty.zip").write_bytes(zipped({"a": b"x"}))
    broken = zipped({"a": os.urandom(len(DETECTOR))})
    (place / "broken.zip").write_bytes(broken[:60] + b"\x00" * 50 + broken[110:])
    report = import_models(store.cache, place, [MINI])
    reasons = {Path(left.origin).name: left.reason for left in report.unrecognized}
    assert "no file in it belongs to a pack" in reasons["empty.zip"]
    assert "not an archive that can be read" in reasons["broken.zip"]
    assert list((store.cache.root / "partial").iterdir()) == []


def test_a_file_of_two_packs_is_told_of_both(store: ModelStore, place: Path) -> None:
    path = place / "a.onnx"
    path.write_bytes(DETECTOR)
    other = entry("other", embedder=file("e.onnx", b"other"))
    (item,) = import_models(store.cache, path, [MINI, other]).imported
    assert item.packs == ("mini", "other")


def test_importing_again_changes_nothing(store: ModelStore, place: Path) -> None:
    path = place / "a.onnx"
    path.write_bytes(DETECTOR)
    for _ in range(2):
        assert len(import_models(store.cache, path, [MINI]).imported) == 1
    assert len(list(store.verify())) == 1


def test_what_is_not_there_is_told(store: ModelStore, place: Path) -> None:
    with pytest.raises(InvalidRequestError, match="no file or folder"):
        import_models(store.cache, place / "absent", [MINI])


class TestImmich:
    """`<name>/detection/model.onnx` and `<name>/recognition/model.onnx`."""

    DETECTION = scrfd()
    RECOGNITION = recognizer()

    def pack(self, published: bytes) -> PackEntry:
        return entry(
            "buffalo_x",
            detector=file("det.onnx", self.DETECTION),
            embedder=file("rec.onnx", published),
            noncommercial=True,
        )

    def cache(self, place: Path, recognition: bytes, name: str = "buffalo_x") -> Path:
        for kind, data in (("detection", self.DETECTION), ("recognition", recognition)):
            folder = place / "facial-recognition" / name / kind
            folder.mkdir(parents=True)
            (folder / "model.onnx").write_bytes(data)
        return place

    def test_the_published_files_are_taken(self, store: ModelStore, place: Path) -> None:
        pack = self.pack(self.RECOGNITION)
        report = import_models(store.cache, self.cache(place, self.RECOGNITION), [pack])
        assert taken(report) == {"det.onnx", "rec.onnx"}
        assert store.find(pack)

    @pytest.mark.parametrize("axis", [1, "None", "batch_size"])
    def test_a_renamed_batch_axis_is_named_back(
        self, store: ModelStore, place: Path, axis: int | str
    ) -> None:
        """Immich writes the recognizer anew with its first axis called "batch"."""
        model = onnx.load_from_string(self.RECOGNITION)
        for value in (model.graph.input[0], model.graph.output[0]):
            dim = value.type.tensor_type.shape.dim[0]
            if isinstance(axis, int):
                dim.dim_value = axis
            else:
                dim.dim_param = axis
        published = model.SerializeToString()
        for value in (model.graph.input[0], model.graph.output[0]):
            value.type.tensor_type.shape.dim[0].dim_param = "batch"
        rewritten = model.SerializeToString()
        assert sha256(rewritten) != sha256(published)
        pack = self.pack(published)
        report = import_models(store.cache, self.cache(place, rewritten), [pack])
        assert report.unrecognized == []
        files = store.find(pack)
        assert files
        assert files.embedder.read_bytes() == published

    def test_another_recognizer_is_left(self, store: ModelStore, place: Path) -> None:
        other = recognizer(side=64)
        report = import_models(
            store.cache, self.cache(place, other), [self.pack(self.RECOGNITION)]
        )
        assert taken(report) == {"det.onnx"}
        assert len(report.unrecognized) == 1

    def test_a_cache_of_another_pack_is_left(self, store: ModelStore, place: Path) -> None:
        rewritten = recognizer(side=64)
        cache = self.cache(place, rewritten, name="another")
        report = import_models(store.cache, cache, [self.pack(self.RECOGNITION)])
        assert taken(report) == {"det.onnx"}

    def test_what_is_no_model_is_left(self, store: ModelStore, place: Path) -> None:
        cache = self.cache(place, b"not a model")
        report = import_models(store.cache, cache, [self.pack(self.RECOGNITION)])
        assert [Path(left.origin).parent.name for left in report.unrecognized] == [
            "recognition"
        ]


def test_the_cache_is_made_where_there_is_none(tmp_path: Path, place: Path) -> None:
    cache = ModelCache(tmp_path / "deep" / "cache")
    (place / "a.onnx").write_bytes(DETECTOR)
    import_models(cache, place, [MINI])
    assert cache.find(sha256(DETECTOR), "a.onnx")
