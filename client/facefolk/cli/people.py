"""`facefolk people`."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table

from facefolk.cli.lists import Limit, first_of_many, taken
from facefolk.cli.screen import shown, table
from facefolk.cli.session import Json, session
from facefolk.cli.values import json_value
from facefolk.report.gathering import look_at
from facefolk.report.spread import Spread
from facefolk.types import Person, PersonOrder


class Order(enum.StrEnum):
    """What people are ordered by."""

    FACES = "faces"
    NAME = "name"


_ORDERS = {Order.FACES: PersonOrder.FACE_COUNT, Order.NAME: PersonOrder.NAME}


def people(
    context: typer.Context,
    *,
    name: Annotated[
        str, typer.Option(help="The beginning of any word of the name.", show_default=False)
    ] = "",
    by: Annotated[Order, typer.Option(help="What to order by.")] = Order.FACES,
    hidden: Annotated[bool, typer.Option("--hidden", help="Hidden people too.")] = False,
    distances: Annotated[
        bool, typer.Option("--distances", help="How far the faces of each are apart.")
    ] = False,
    limit: Limit = 100,
    as_json: Json = False,
) -> None:
    """List people with their faces and assets."""
    with session(context, as_json=as_json) as given:
        listed = given.client.list_people(
            name_query=name, order_by=_ORDERS[by], include_hidden=hidden
        )
        found, total = taken(listed, limit)
        spreads: dict[str, Spread | None] = {}
        if distances:
            spreads = {
                one.person_id: look_at(given.client, one, include_hidden=hidden).spread
                for one in found
            }
        if as_json:
            given.screen.write_json([_value(one, spreads) for one in found])
        else:
            given.screen.show(found, lambda: people_table(found, spreads))
        if not found and not as_json:
            given.screen.note(_nobody(name))
        if more := first_of_many(len(found), total, "people"):
            given.screen.note(more)


def _nobody(name: str) -> str:
    if name:
        return f"Nobody's name has a word that begins with {name!r}."
    return (
        "There is nobody yet: 'facefolk ingest FOLDER' sends photos, and 'facefolk round' "
        "gathers the faces in them into people."
    )


def _value(person: Person, spreads: dict[str, Spread | None]) -> object:
    value = json_value(person)
    if person.person_id in spreads:
        value["distances"] = json_value(spreads[person.person_id])
    return value


def people_table(
    found: Sequence[Person],
    spreads: dict[str, Spread | None],
    *,
    names: Sequence[str] = (),
) -> Table:
    """Return a table of people; `names` stand in for names, one for each of them."""
    columns = ["name", ">faces", ">assets"]
    columns += [">median distance", ">largest"] if spreads else []
    columns += ["person", ""] if not names else []
    drawn = table(*columns)
    for number, one in enumerate(found):
        cells = [
            names[number] if names else shown(one.name),
            str(one.face_count),
            str(one.asset_count),
        ]
        if spreads:
            spread = spreads.get(one.person_id)
            cells += [f"{spread.median:.3f}", f"{spread.largest:.3f}"] if spread else ["-", "-"]
        if not names:
            flags = [word for word in ("favorite", "hidden") if getattr(one, word)]
            cells += [one.person_id, ", ".join(flags)]
        drawn.add_row(*cells)
    return drawn
