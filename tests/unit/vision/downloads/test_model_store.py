"""The files of a pack: from the cache, a mirror, their sources; what is said if not."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType

import pytest
from facefolk_server.errors import (
    LicenseError,
    ModelUnavailableError,
    PackNotFoundError,
    UnavailableError,
)
from facefolk_server.vision.conversions import Conversion
from facefolk_server.vision.downloads.auto import resolve_auto
from facefolk_server.vision.downloads.fetch import Fetcher
from facefolk_server.vision.downloads.model_store import ModelStore
from facefolk_server.vision.downloads.progress import Progress
from facefolk_server.vision.downloads.sources import (
    ArchiveMember,
    LocalFile,
    WebFile,
    describe,
)
from facefolk_server.vision.packs import AUTO, PackTable
from unit.vision.downloads.hub_server import Hub, broken_off, other_bytes, page, silent, status
from unit.vision.downloads.samples import (
    DETECTOR,
    EMBEDDER,
    archived,
    entry,
    file,
    sha256,
    zipped,
)

MINI = entry()
Make = Callable[..., ModelStore]


@pytest.fixture
def make(tmp_path: Path, fetcher: Fetcher) -> Make:
    return lambda **options: ModelStore(tmp_path / "cache", fetcher=fetcher, **options)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A mirror in a directory."""
    place = tmp_path / "hub"
    (place / "hub.test").mkdir(parents=True)
    (place / "hub.test" / "detector.onnx").write_bytes(DETECTOR)
    (place / "hub.test" / "recognizer.onnx").write_bytes(EMBEDDER)
    return place


def mirrored(web: Hub) -> str:
    """A mirror over HTTP."""
    web.put("/mirror/hub.test/detector.onnx", DETECTOR)
    web.put("/mirror/hub.test/recognizer.onnx", EMBEDDER)
    return web.base + "/mirror"


def holds(store: ModelStore) -> None:
    files = store.ensure(MINI)
    assert (files.detector.read_bytes(), files.embedder.read_bytes()) == (DETECTOR, EMBEDDER)
    assert store.find(MINI) == files
    assert list((store.cache.root / "partial").iterdir()) == []


def test_files_come_from_a_directory(make: Make, folder: Path) -> None:
    holds(make(mirror=str(folder)))


def test_files_come_from_a_file_address(make: Make, folder: Path) -> None:
    holds(make(mirror=folder.as_uri()))


def test_files_come_from_an_http_mirror(make: Make, web: Hub) -> None:
    holds(make(mirror=mirrored(web)))


def test_files_come_from_their_source_where_the_mirror_lacks_them(
    make: Make, web: Hub, folder: Path
) -> None:
    url = web.put("/detector.onnx", DETECTOR)
    other = file("detector.onnx", DETECTOR, WebFile(url))
    files = make(mirror=str(folder)).ensure(entry(detector=other))
    assert files.detector.read_bytes() == DETECTOR


def test_what_is_here_is_not_fetched_again(make: Make, web: Hub) -> None:
    store = make(mirror=mirrored(web))
    store.ensure(MINI)
    store.ensure(MINI)
    assert len(web.requests) == 2


def test_finding_fetches_nothing(make: Make, web: Hub) -> None:
    store = make(mirror=mirrored(web))
    assert store.find(MINI) is None
    assert web.requests == []
    assert not store.cache.root.exists()


def test_a_corrupt_file_is_put_aside_and_fetched_again(make: Make, web: Hub) -> None:
    store = make(mirror=mirrored(web))
    path = store.ensure(MINI).detector
    path.write_bytes(DETECTOR[:-1] + b"!")
    holds(store)
    assert path.with_name(path.name + ".corrupt").exists()
    assert len(web.requests) == 3
    assert [found.state for found in store.verify()] == ["whole", "whole"]


def test_an_interrupted_fetch_goes_on_where_it_stopped(make: Make, web: Hub) -> None:
    store = make(mirror=mirrored(web))

    def stop(step: Progress) -> None:
        if step.done_bytes:
            raise UnavailableError("The server is stopping.")

    with pytest.raises(UnavailableError, match="stopping"):
        store.ensure(MINI, progress=stop)
    part = store.cache.partial(MINI.detector_file.sha256)
    assert part.stat().st_size > 0
    part.write_bytes(part.read_bytes()[:3000])
    holds(store)
    assert web.ranges() == ["", "bytes=3000-", ""]


def test_a_hub_that_breaks_off_is_resumed(make: Make, web: Hub, waits: list[float]) -> None:
    store = make(mirror=mirrored(web))
    web.once("/mirror/hub.test/detector.onnx", broken_off(4000))
    holds(store)
    assert web.ranges()[1] == "bytes=4000-"
    assert waits == [0.5]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (status(404), "404 Not Found"),
        (status(416), "416"),
        (status(500), "500"),
        (page, "web page instead of the file"),
        (silent, "no answer for 0.3 s"),
        (other_bytes(DETECTOR[:50]), "has 50 bytes, not 9000"),
        (other_bytes(bytes(9000)), "its SHA-256 is"),
    ],
    ids=["absent", "416", "500", "html", "silent", "short", "checksum"],
)
def test_what_was_tried_is_told_with_the_way_out(
    make: Make, web: Hub, answer: object, reason: str
) -> None:
    mirror = mirrored(web)
    web.always["/mirror/hub.test/detector.onnx"] = answer
    with pytest.raises(ModelUnavailableError) as caught:
        make(mirror=mirror).ensure(MINI)
    message = caught.value.message
    assert "model file detector.onnx of pack mini is not to be had" in message
    assert f"{web.base}/mirror/hub.test/detector.onnx: " in message
    assert "https://hub.test/detector.onnx: " in message
    assert reason in message
    assert message.endswith("run: facefolk-server models import PATH")
    assert caught.value.metadata["sha256"] == sha256(DETECTOR)
    assert caught.value.retry_delay_seconds == 30


def test_passwords_of_a_mirror_are_not_told(make: Make, web: Hub) -> None:
    mirror = web.base.replace("://", "://me:secret@")
    with pytest.raises(ModelUnavailableError) as caught:
        make(mirror=mirror).ensure(MINI)
    assert "secret" not in caught.value.message + str(caught.value.metadata)


def test_a_local_file_that_is_not_there_is_told(make: Make) -> None:
    lost = entry(detector=file("detector.onnx", DETECTOR, LocalFile(Path("/no/such/file"))))
    with pytest.raises(ModelUnavailableError, match="/no/such/file: no such file"):
        make().ensure(lost)


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    store = ModelStore(tmp_path / "cache", mirror=str(folder))
    with pytest.raises(ModelUnavailableError, match=r"model cache .*cache cannot be used"):
        store.ensure(MINI)


class TestArchives:
    """Two files of one archive, which is fetched once."""

    ARCHIVE = zipped({"pack/det.onnx": DETECTOR, "pack/rec.onnx": EMBEDDER, "x": b"junk"})
    PACK = entry(
        detector=archived("det.onnx", DETECTOR, ARCHIVE),
        embedder=archived("rec.onnx", EMBEDDER, ARCHIVE),
    )

    def test_both_files_are_taken_at_once(self, make: Make, web: Hub) -> None:
        web.put("/mirror/hub.test/pack.zip", self.ARCHIVE)
        store = make(mirror=web.base + "/mirror")
        steps: list[Progress] = []
        files = store.ensure(self.PACK, progress=steps.append)
        assert files.detector.read_bytes() == DETECTOR
        assert files.embedder.read_bytes() == EMBEDDER
        assert len(web.requests) == 1
        assert list((store.cache.root / "partial").iterdir()) == []
        stages = [step.stage for step in steps if step.file == "det.onnx"]
        assert stages[0] == "fetching"
        assert stages[-2:] == ["unpacking", "ready"]

    def test_the_download_is_counted_once(self, make: Make) -> None:
        found = make().status(self.PACK)
        assert not found.installed
        assert found.download_bytes == len(self.ARCHIVE)
        assert found.size_bytes == len(DETECTOR) + len(EMBEDDER)

    def test_an_archive_without_the_file_is_told(self, make: Make, web: Hub) -> None:
        web.put("/mirror/hub.test/pack.zip", self.ARCHIVE)
        other = entry(detector=archived("other.onnx", b"other", self.ARCHIVE))
        with pytest.raises(ModelUnavailableError, match=r"there is no file other\.onnx in it"):
            make(mirror=web.base + "/mirror").ensure(other)

    def test_an_archive_with_another_file_is_told(self, make: Make, web: Hub) -> None:
        web.put("/mirror/hub.test/pack.zip", self.ARCHIVE)
        other = entry(detector=archived("det.onnx", b"other", self.ARCHIVE))
        with pytest.raises(ModelUnavailableError, match=r"pack/det\.onnx has SHA-256"):
            make(mirror=web.base + "/mirror").ensure(other)

    def test_what_is_no_archive_is_told(self, make: Make, web: Hub) -> None:
        data = b"no archive"
        web.put("/mirror/hub.test/pack.zip", data)
        other = entry(detector=archived("det.onnx", DETECTOR, data))
        with pytest.raises(ModelUnavailableError, match="not an archive that can be read"):
            make(mirror=web.base + "/mirror").ensure(other)


class TestConversions:
    """Files that have to become ONNX first."""

    @pytest.fixture
    def table(self) -> dict[str, Conversion]:
        self.runs = 0

        def run(source: Path, target: Path) -> None:
            self.runs += 1
            target.write_bytes(source.read_bytes().upper())

        return {"loud": Conversion("loud", 1, run)}

    PACK = entry(embedder=file("recognizer.onnx", EMBEDDER, conversion="loud"))

    def test_a_file_is_converted_once(
        self, make: Make, folder: Path, table: dict[str, Conversion]
    ) -> None:
        store = make(mirror=str(folder), conversions=table)
        assert store.find(self.PACK) is None
        files = store.ensure(self.PACK)
        assert files.embedder.read_bytes() == EMBEDDER.upper()
        assert store.ensure(self.PACK) == store.find(self.PACK) == files
        assert self.runs == 1

    def test_a_corrupt_result_is_made_again(
        self, make: Make, folder: Path, table: dict[str, Conversion]
    ) -> None:
        store = make(mirror=str(folder), conversions=table)
        path = store.ensure(self.PACK).embedder
        path.write_bytes(b"corrupt")
        assert store.find(self.PACK) is None
        assert store.ensure(self.PACK).embedder.read_bytes() == EMBEDDER.upper()
        assert self.runs == 2

    def test_a_new_revision_makes_new_results(
        self, make: Make, folder: Path, table: dict[str, Conversion]
    ) -> None:
        make(mirror=str(folder), conversions=table).ensure(self.PACK)
        newer = {"loud": Conversion("loud", 2, table["loud"].run)}
        make(mirror=str(folder), conversions=newer).ensure(self.PACK)
        assert self.runs == 2


class TestLicenses:
    """Packs that are not for everyone."""

    PACK = entry("research", noncommercial=True)

    def test_they_have_to_be_acknowledged(self, make: Make, folder: Path) -> None:
        store = make(mirror=str(folder))
        for call in (store.ensure, store.find):
            with pytest.raises(LicenseError, match="FACEFOLK_ACCEPT_NONCOMMERCIAL=true"):
                call(self.PACK)
        assert not store.status(self.PACK).license_acknowledged
        assert not store.cache.root.exists()

    def test_then_they_are_as_others(self, make: Make, folder: Path) -> None:
        store = make(mirror=str(folder), accept_noncommercial=True)
        assert store.ensure(self.PACK).detector.read_bytes() == DETECTOR
        assert store.status(self.PACK).license_acknowledged
        assert store.status(self.PACK).installed
        assert store.status(self.PACK).download_bytes == 0


class TestAuto:
    """`open` if its files can be had, else `dlib`."""

    FIRST = entry("open")
    SECOND = entry(
        "dlib", detector=file("d.onnx", b"d" * 10), embedder=file("e.onnx", b"e" * 10)
    )
    TABLE = PackTable(builtin=MappingProxyType({"open": FIRST, "dlib": SECOND}))

    def test_open_is_the_first_choice(self, make: Make, folder: Path) -> None:
        assert resolve_auto(make(mirror=str(folder)), self.TABLE) is self.FIRST

    def test_dlib_is_the_second(
        self, make: Make, folder: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        (folder / "hub.test" / "recognizer.onnx").unlink()
        (folder / "hub.test" / "d.onnx").write_bytes(b"d" * 10)
        (folder / "hub.test" / "e.onnx").write_bytes(b"e" * 10)
        store = make(mirror=str(folder))
        with caplog.at_level(logging.WARNING):
            assert resolve_auto(store, self.TABLE) is self.SECOND
        assert "taking pack dlib instead" in caplog.text
        assert store.find(self.SECOND)

    def test_neither_tells_of_both(self, make: Make) -> None:
        with pytest.raises(ModelUnavailableError, match="no pack can be had") as caught:
            resolve_auto(make(), self.TABLE)
        assert "of pack open" in caught.value.message
        assert "of pack dlib" in caught.value.message
        assert caught.value.metadata["pack"] == AUTO

    def test_it_is_no_pack_itself(self) -> None:
        with pytest.raises(PackNotFoundError, match="there are open, dlib"):
            self.TABLE.get(AUTO)


def test_threads_fetch_a_file_once(make: Make, web: Hub) -> None:
    store = make(mirror=mirrored(web))
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: store.ensure(MINI), range(16)))
    assert len(found) == 1
    assert len(web.requests) == 2


FETCHING = """
import sys
from pathlib import Path
from facefolk_server.vision.downloads.model_store import ModelStore
from unit.vision.downloads.samples import entry
print(ModelStore(Path(sys.argv[1]), mirror=sys.argv[2]).ensure(entry()).detector.name)
"""


def test_processes_fetch_a_file_once(web: Hub, tmp_path: Path) -> None:
    command = [sys.executable, "-c", FETCHING, str(tmp_path / "cache"), mirrored(web)]
    tests = str(Path(__file__).parents[3])
    processes = [
        subprocess.Popen(
            command, cwd=tests, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for process in processes:
        out, error = process.communicate(timeout=60)
        assert out.strip() == f"{sha256(DETECTOR)}.onnx", error
    assert len(web.requests) == 2


def test_sources_are_described_for_people() -> None:
    assert describe(LocalFile(Path("/a/b"))) == "/a/b"
    assert (
        describe(ArchiveMember("https://h/x.zip", "0", "m.onnx")) == "m.onnx in https://h/x.zip"
    )
