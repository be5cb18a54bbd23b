"""Ids: which ones callers may choose, and how ours are made."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import unicodedata
from collections.abc import Container, Sequence

from facefolk_server.errors import InvalidRequestError
from facefolk_server.types import BoundingBox

MAX_ASSET_ID_LENGTH = 512
MAX_CONTENT_DIGEST_LENGTH = 128
MAX_REQUEST_ID_LENGTH = 128
MAX_FACES_PER_CALL = 10_000
_LIBRARY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
_FACE_ID_LENGTH = 26
_PERSON_ID_LENGTH = 20


def check_library_id(library_id: str) -> str:
    """Return the id, "" for the default library.

    Raises:
        InvalidRequestError: It is not 1 to 63 of a-z, A-Z, 0-9, "-" and "_".
    """
    if library_id and not _LIBRARY_ID.fullmatch(library_id):
        raise InvalidRequestError(
            "library_id has to be empty or 1 to 63 letters a-z or A-Z, digits, '-' and '_', "
            "beginning with a letter or digit.",
            field="library_id",
        )
    return library_id


def check_text(value: str, name: str, *, max_length: int, required: bool = False) -> str:
    """Return the text if it is short enough and has no control characters.

    Raises:
        InvalidRequestError: It is empty though required, too long, or has control characters
            or lone surrogates.
    """
    if required and not value:
        raise InvalidRequestError(f"{name} is empty: it has to be given.", field=name)
    if len(value) > max_length:
        raise InvalidRequestError(
            f"{name} has {len(value)} characters: at most {max_length} are allowed.",
            field=name,
            length=len(value),
        )
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        raise InvalidRequestError(
            f"{name} has a control character: leave it out.",
            field=name,
        )
    return value


def check_asset_id(asset_id: str) -> str:
    """Return the id of an asset: 1 to 512 characters, none of them a control character.

    Raises:
        InvalidRequestError: It is not that.
    """
    return check_text(asset_id, "asset_id", max_length=MAX_ASSET_ID_LENGTH, required=True)


def check_face_ids(face_ids: Sequence[str]) -> tuple[str, ...]:
    """Return the ids without repetition, in order of first appearance.

    Raises:
        InvalidRequestError: There are none, or more than 10,000.
    """
    if not 1 <= len(face_ids) <= MAX_FACES_PER_CALL:
        raise InvalidRequestError(
            f"face_ids has {len(face_ids)} ids: give 1 to {MAX_FACES_PER_CALL}.",
            field="face_ids",
        )
    return tuple(dict.fromkeys(face_ids))


def face_id(
    library_id: str,
    asset_id: str,
    frame_offset_us: int,
    *,
    pack: str,
    box: BoundingBox,
    taken: Container[str] = (),
) -> str:
    """Derive the id of a face from where it was first seen, so that a race cannot double it.

    26 lower-case base32 characters of SHA-256 over library, asset, frame, pack and the box
    rounded to whole pixels. Ids in `taken` are passed over: a face that moved on may still
    hold the id of this place.
    """
    edges = (box.x_min, box.y_min, box.x_max, box.y_max)
    facts = [library_id, asset_id, str(frame_offset_us), pack, *(str(round(e)) for e in edges)]
    attempt = 0
    while True:
        made = _digest_id(*facts, *([str(attempt)] if attempt else []), length=_FACE_ID_LENGTH)
        if made not in taken:
            return made
        attempt += 1


def random_person_id() -> str:
    """Make the id of a person that a user creates."""
    return "p_" + _base32(secrets.token_bytes(16))[:_PERSON_ID_LENGTH]


def round_person_id(round_id: str, key: str) -> str:
    """Derive the id of a person that a round creates from the round and its key there."""
    return "p_" + _digest_id(round_id, key, length=_PERSON_ID_LENGTH)


def random_round_id() -> str:
    """Make the id of a round."""
    return "r_" + _base32(secrets.token_bytes(16))[:_PERSON_ID_LENGTH]


def random_erasure_id() -> str:
    """Make the id of an erasure."""
    return "e_" + _base32(secrets.token_bytes(16))[:_PERSON_ID_LENGTH]


def request_erasure_id(actor: str, request_id: str, attempt: int) -> str:
    """Derive the id of an erasure from its request, so that a repeated one finds it."""
    return "e_" + _digest_id(actor, request_id, str(attempt), length=_PERSON_ID_LENGTH)


def _digest_id(*facts: str, length: int) -> str:
    # Each fact goes with its length, so that no two lists of facts read the same.
    digest = hashlib.sha256()
    for fact in facts:
        encoded = fact.encode()
        digest.update(len(encoded).to_bytes(4, "big"))
        digest.update(encoded)
    return _base32(digest.digest())[:length]


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode().lower().rstrip("=")
