"""Look packs up by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from facefolk_server.errors import InvalidRequestError, PackNotFoundError
from facefolk_server.vision.packs.builtin import BUILTIN_PACKS
from facefolk_server.vision.packs.entry import PackEntry

# A rule instead of a pack: the first of these whose files can be had.
AUTO = "auto"
AUTO_ORDER = ("open", "dlib")


class PackTable:
    """The built-in packs and those of the user's own, in this order.

    With `mirrored` all of them embed crops together with their mirror images, whatever they
    say themselves.

    Raises:
        InvalidRequestError: a name is taken already.
    """

    def __init__(
        self,
        own: Iterable[PackEntry] = (),
        *,
        builtin: Mapping[str, PackEntry] = BUILTIN_PACKS,
        mirrored: bool = False,
    ) -> None:
        entries = dict(builtin)
        for entry in own:
            if entry.name in entries or entry.name == AUTO:
                raise InvalidRequestError(
                    f"there is a pack {entry.name} already; give yours another name",
                    pack=entry.name,
                )
            entries[entry.name] = entry
        self._entries = (
            {name: entry.as_mirrored() for name, entry in entries.items()}
            if mirrored
            else entries
        )

    def __iter__(self) -> Iterator[PackEntry]:
        return iter(self._entries.values())

    def get(self, name: str) -> PackEntry:
        """Return the pack of this name.

        Raises:
            PackNotFoundError: there is none, or it is `auto`, which is a rule.
        """
        try:
            return self._entries[name]
        except KeyError:
            raise PackNotFoundError(
                f"no pack is named {name!r}; there are {', '.join(self._entries)}", pack=name
            ) from None
