"""Addresses to listen on."""

from __future__ import annotations

import ipaddress


def split_address(address: str) -> tuple[str, int]:
    """Return host and port of `HOST:PORT`; an IPv6 host stands in brackets.

    Raises:
        ValueError: It is not that.
    """
    host, separator, port = address.rpartition(":")
    plain = host.removeprefix("[").removesuffix("]")
    bracketed = host != plain
    valid = separator and plain and (":" in plain) == bracketed
    if not (valid and port.isdecimal() and int(port) <= 65535):
        raise ValueError(f"{address!r} is not HOST:PORT, such as 127.0.0.1:50051")
    return plain, int(port)


def is_loopback(address: str) -> bool:
    """Tell whether `HOST:PORT` can be reached from this machine alone."""
    host, _ = split_address(address)
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
