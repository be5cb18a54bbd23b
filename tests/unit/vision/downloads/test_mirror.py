"""Where a mirror has what `https://` addresses hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from facefolk_server.errors import InvalidRequestError
from facefolk_server.vision.downloads.mirror import Mirror

URL = "https://hub.test/some%20one/model.onnx"


@pytest.mark.parametrize("location", ["/srv/hub", "file:///srv/hub"])
def test_a_directory_is_asked_first(location: str) -> None:
    expected = [Path("/srv/hub/hub.test/some one/model.onnx"), URL]
    assert Mirror(location).locations(URL) == expected


@pytest.mark.parametrize("location", ["http://here:8000/hub", "https://here:8000/hub/"])
def test_an_address_is_asked_first(location: str) -> None:
    mirrored = f"{location.rstrip('/')}/hub.test/some%20one/model.onnx"
    assert Mirror(location).locations(URL) == [mirrored, URL]


def test_without_a_mirror_the_source_is_asked() -> None:
    assert Mirror().locations(URL) == [URL]


def test_a_file_address_may_be_quoted() -> None:
    (path, _) = Mirror("file:///srv/my%20hub").locations(URL)
    assert str(path).startswith("/srv/my hub/")


def test_home_is_known() -> None:
    (path, _) = Mirror("~/hub").locations(URL)
    assert path == Path.home() / "hub/hub.test/some one/model.onnx"


@pytest.mark.parametrize("location", ["ftp://here/hub", "s3://bucket/hub"])
def test_other_schemes_are_refused(location: str) -> None:
    with pytest.raises(InvalidRequestError, match="neither a directory nor"):
        Mirror(location)
