"""A place that stands for `https://`: `<mirror>/<host>/<path>` holds what the host serves."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from facefolk_server.errors import InvalidRequestError


class Mirror:
    """A directory, a `file://` URL or an `http(s)://` URL; an empty one mirrors nothing.

    Raises:
        InvalidRequestError: it is neither.
    """

    def __init__(self, location: str = "") -> None:
        self._folder: Path | None = None
        self._base_url = ""
        if location.startswith(("http://", "https://")):
            self._base_url = location.rstrip("/")
        elif location.startswith("file://"):
            self._folder = Path(url2pathname(urlsplit(location).path))
        elif "://" in location:
            raise InvalidRequestError(
                f"the model mirror {location} is neither a directory nor a file:, http: or "
                "https: address"
            )
        elif location:
            self._folder = Path(location).expanduser()

    def locations(self, url: str) -> list[Path | str]:
        """Return where to look for an `https://` address: the mirror first, then itself."""
        if self._folder is not None:
            parts = urlsplit(url)
            return [self._folder / parts.netloc / unquote(parts.path).lstrip("/"), url]
        if self._base_url:
            return [f"{self._base_url}/{url.removeprefix('https://')}", url]
        return [url]
