"""From a server to a contact sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from facefolk.errors import NotFoundError
from facefolk.report.sheet import Picture, Row, Sheet, titles
from facefolk.report.spread import MOST_MEASURED, Spread, spread_of
from facefolk.types import Face, Person

if TYPE_CHECKING:
    from facefolk import Client

# About 8 kB each: they bound the page at some 25 MB.
_MOST_PICTURES: Final = 2_400
_FEWEST_A_ROW: Final = 4
_CALLS_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class SheetOptions:
    """How much a sheet shows.

    Args:
        title: above the page.
        max_people: the people with the most faces, so many.
        max_pictures: of one person; fewer where there are many people.
        max_outliers: faces without a person, the best first.
        include_hidden: whether hidden people are shown.
    """

    title: str = "People"
    max_people: int = 400
    max_pictures: int = 24
    max_outliers: int = 200
    include_hidden: bool = False


@dataclass(frozen=True, slots=True)
class PersonFaces:
    """A person, its faces, the best first, and how far they are apart."""

    person: Person
    faces: tuple[Face, ...]
    spread: Spread | None


def look_at(client: Client, person: Person, *, include_hidden: bool = False) -> PersonFaces:
    """Read the faces of a person: all of them, or 300 of a person with more."""
    listed = client.list_faces(
        person_id=person.person_id,
        include_embedding=True,
        include_hidden=include_hidden,
        page_size=MOST_MEASURED,
    )
    first = next(iter(listed.pages())).items
    return PersonFaces(person, best(first), spread_of([face.embedding for face in first]))


def gather_sheet(
    client: Client,
    options: SheetOptions = SheetOptions(),
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Sheet:
    """Read what the sheet shows; `progress` is told how many rows of how many are there."""
    tell = progress or _tell_nobody
    people, total_people = _people(client, options)
    status = client.get_status()
    a_row = max(_FEWEST_A_ROW, min(options.max_pictures, _MOST_PICTURES // max(1, len(people))))
    rows = []
    with ThreadPoolExecutor(_CALLS_AT_ONCE, thread_name_prefix="facefolk-sheet") as pool:

        def pictures(faces: Iterable[Face], count: int) -> tuple[Picture, ...]:
            return tuple(pool.map(lambda face: picture_of(client, face), list(faces)[:count]))

        for number, (title, person) in enumerate(zip(titles(people), people, strict=True)):
            tell(number, len(people) + 1)
            seen = look_at(client, person, include_hidden=options.include_hidden)
            rows.append(
                Row(
                    title,
                    person.face_count,
                    pictures(seen.faces, a_row),
                    person.asset_count,
                    seen.spread,
                )
            )
        tell(len(people), len(people) + 1)
        lonely, total_lonely = _outliers(client)
        outliers = Row("", total_lonely, pictures(lonely, options.max_outliers))
    tell(len(people) + 1, len(people) + 1)
    settings = client.get_settings()
    return Sheet(
        title=options.title,
        made=datetime.now(UTC),
        pack=settings.pack,
        people=total_people,
        faces=status.face_count,
        max_distance=settings.max_recognition_distance
        or (status.pack.recommended_distance if status.pack else 0.0),
        rows=tuple(rows),
        outliers=outliers,
    )


def best(faces: Iterable[Face]) -> tuple[Face, ...]:
    """Return faces by quality, the best first."""
    return tuple(sorted(faces, key=lambda face: (-face.quality, face.face_id)))


def _tell_nobody(_done: int, _total: int) -> None:
    pass


def _people(client: Client, options: SheetOptions) -> tuple[Sequence[Person], int]:
    listed = client.list_people(
        include_hidden=options.include_hidden, page_size=min(options.max_people, 1000)
    )
    page = next(iter(listed.pages()))
    return page.items, page.total_size or len(page.items)


def _outliers(client: Client) -> tuple[Sequence[Face], int]:
    page = next(iter(client.list_faces(unassigned=True, page_size=1000).pages()))
    return best(page.items), page.total_size or len(page.items)


def picture_of(client: Client, face: Face) -> Picture:
    """Read the picture of a face, empty where it is gone."""
    try:
        image = client.get_thumbnail(face_id=face.face_id, include_hidden=True).image
    except NotFoundError:  # taken away meanwhile
        image = b""
    return Picture(image, face.asset_id)
