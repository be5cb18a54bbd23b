"""The sample album: from the hub, else from the package index."""

from __future__ import annotations

from pathlib import Path

import pytest
from facefolk_server.errors import InvalidRequestError, ModelUnavailableError
from facefolk_server.vision.downloads.album import Album, fetch_album
from facefolk_server.vision.downloads.album_pictures import ALBUM_PICTURES, ALBUM_URL
from facefolk_server.vision.downloads.fetch import Fetcher
from facefolk_server.vision.downloads.model_store import ModelStore
from facefolk_server.vision.downloads.pip_configuration import PackageIndexes
from facefolk_server.vision.downloads.progress import Progress
from facefolk_server.vision.downloads.sources import PackageMember
from unit.vision.downloads.hub_server import Hub, status
from unit.vision.downloads.samples import HUB, sha256, tarred

FILES = {"amy/1.png": b"one", "amy/2.png": b"two", "group.jpg": b"three"}
PICTURES = {name: sha256(data) for name, data in FILES.items()}
SDIST = tarred(
    {
        "faces-1.0/tests/test_images/obama.jpg": b"portrait",
        "faces-1.0/tests/test_images/readme.txt": b"text",
        "faces-1.0/docs/other.jpg": b"no portrait",
    }
)
PORTRAITS = PackageMember("faces", "1.0", sha256(SDIST), "test_images", len(SDIST))


class Fetching:
    def __init__(self, tmp_path: Path, web: Hub, fetcher: Fetcher) -> None:
        self.folder = tmp_path / "album"
        self.web = web
        links = tmp_path / "links"
        links.mkdir()
        self.sdist = links / "faces-1.0.tar.gz"
        self.sdist.write_bytes(SDIST)
        self.store = ModelStore(
            tmp_path / "cache",
            mirror=web.base,
            fetcher=fetcher,
            indexes=PackageIndexes((), (str(links),)),
        )
        self.steps: list[Progress] = []
        for name, data in FILES.items():
            web.put(f"/hub.test/{name}", data)

    def run(self) -> Album:
        return fetch_album(
            self.store.reach,
            self.store.cache,
            self.folder,
            pictures=PICTURES,
            url=HUB,
            portraits=PORTRAITS,
            progress=self.steps.append,
        )

    def files(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file()
        }


@pytest.fixture
def fetching(tmp_path: Path, web: Hub, fetcher: Fetcher) -> Fetching:
    return Fetching(tmp_path, web, fetcher)


def test_it_comes_from_the_hub(fetching: Fetching) -> None:
    found = fetching.run()
    assert found.name == "face-api.js"
    assert fetching.files() == FILES
    assert {path.name for path in found.pictures} == {"1.png", "2.png", "group.jpg"}
    assert [step.done_bytes for step in fetching.steps] == [1, 2, 3]


def test_what_is_there_is_kept(fetching: Fetching) -> None:
    fetching.run()
    (fetching.folder / "group.jpg").write_bytes(b"damaged")
    (fetching.folder / "mine.jpg").write_bytes(b"mine")
    fetching.run()
    assert fetching.files() == {**FILES, "mine.jpg": b"mine"}
    assert len(fetching.web.requests) == 4


def test_without_the_hub_it_comes_from_the_package_index(fetching: Fetching) -> None:
    fetching.web.always["/hub.test/group.jpg"] = status(404)
    found = fetching.run()
    assert found.name == "face_recognition"
    assert "no model hub can be reached" in found.summary
    # Pictures that had come from the hub do not mix with these.
    assert fetching.files() == {"obama.jpg": b"portrait"}
    assert [path.name for path in fetching.folder.iterdir()] == ["obama.jpg"]


def test_nowhere_to_be_had_is_told(fetching: Fetching) -> None:
    fetching.web.files.clear()
    fetching.sdist.unlink()
    with pytest.raises(ModelUnavailableError, match="Use photos of your own") as caught:
        fetching.run()
    assert "/hub.test/amy/1.png: it answers 404" in caught.value.message
    assert "no faces==1.0" in caught.value.message


def test_a_folder_that_cannot_be_written_is_told(fetching: Fetching) -> None:
    fetching.folder.write_text("a file")
    with pytest.raises(InvalidRequestError, match="cannot be written to"):
        fetching.run()


def test_the_album_of_the_demo_is_complete() -> None:
    assert len(ALBUM_PICTURES) == 45
    assert len({name.split("/")[0] for name in ALBUM_PICTURES if "/" in name}) == 8
    assert all(len(digest) == 64 for digest in ALBUM_PICTURES.values())
    assert ALBUM_URL.startswith("https://")


@pytest.mark.models
def test_the_album_of_the_demo_is_at_the_hub(hub: Path, tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "cache", mirror=str(hub), indexes=PackageIndexes(()))
    found = fetch_album(store.reach, store.cache, tmp_path / "album")
    assert len(found.pictures) == 45
