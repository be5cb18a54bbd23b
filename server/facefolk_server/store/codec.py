"""Events of the ledger as rows of a table, and back.

A change of a million placements is three list columns beside a small table of the distinct
values; everything else is JSON, which a person can read with any tool that opens the table.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import pyarrow as pa

from facefolk_server.types import (
    Assignment,
    Changes,
    Event,
    EventKind,
    Mark,
    MarkChange,
    MarkKind,
    Person,
    PersonChange,
    Placement,
    PlacementChange,
    Reason,
    RecognitionSettings,
    RoundMode,
    RoundRecord,
    RoundState,
    SettingsChange,
)

T = TypeVar("T")
Row = Mapping[str, Any]

EVENT_SCHEMA = pa.schema(
    [
        pa.field("sequence", pa.int64(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("actor", pa.string(), nullable=False),
        pa.field("time", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("request_id", pa.string(), nullable=False),
        pa.field("detail", pa.string(), nullable=False),
        pa.field("changes", pa.string(), nullable=False),
        pa.field("face_ids", pa.list_(pa.string()), nullable=False),
        pa.field("before", pa.list_(pa.int32()), nullable=False),
        pa.field("after", pa.list_(pa.int32()), nullable=False),
        pa.field("placements", pa.string(), nullable=False),
    ]
)
"""One event a row. `before` and `after` index the JSON list `placements`, by face."""


def event_row(event: Event) -> pa.Table:
    """Return an event as a table of one row."""
    return _row(
        event.sequence,
        event.kind.value,
        event.changes,
        actor=event.actor,
        time=event.time,
        request_id=event.request_id,
        detail=event.detail,
    )


def snapshot_row(
    sequence: int, changes: Changes, detail: Mapping[str, str], time: datetime
) -> pa.Table:
    """Return the changes that make a state out of nothing as a table of one row."""
    return _row(sequence, "snapshot", changes, time=time, detail=detail)


def read_event(row: Row) -> Event:
    """Return the event of a row."""
    return Event(
        sequence=row["sequence"],
        kind=EventKind(row["kind"]),
        actor=row["actor"],
        time=row["time"],
        changes=read_changes(row),
        request_id=row["request_id"],
        detail=json.loads(row["detail"]),
    )


def read_changes(row: Row) -> Changes:
    """Return what a row changes."""
    rest = json.loads(row["changes"])
    settings = rest.get("settings")
    return Changes(
        placements=_read_placements(row),
        people=tuple(_read_person_change(one) for one in rest.get("people", ())),
        marks=tuple(
            MarkChange(Mark(face_id, MarkKind(kind), person_id), added)
            for face_id, kind, person_id, added in rest.get("marks", ())
        ),
        settings=SettingsChange(*(RecognitionSettings(**one) for one in settings))
        if settings
        else None,
        round=read_round(rest["round"]) if "round" in rest else None,
    )


def round_json(record: RoundRecord) -> dict[str, Any]:
    """Return a round as JSON takes it."""
    return _told(record)


def read_round(given: Mapping[str, Any]) -> RoundRecord:
    """Return a round as JSON had it."""
    return _record(
        RoundRecord,
        given,
        mode=RoundMode,
        state=RoundState,
        start_time=datetime.fromisoformat,
        end_time=datetime.fromisoformat,
    )


def _row(
    sequence: int,
    kind: str,
    changes: Changes,
    *,
    time: datetime,
    detail: Mapping[str, str],
    actor: str = "",
    request_id: str = "",
) -> pa.Table:
    places: dict[Placement, int] = {}
    before = [places.setdefault(c.before, len(places)) for c in changes.placements]
    after = [places.setdefault(c.after, len(places)) for c in changes.placements]
    values = {
        "sequence": [sequence],
        "kind": [kind],
        "actor": [actor],
        "time": [time.astimezone(UTC)],
        "request_id": [request_id],
        "detail": [_json(dict(detail))],
        "changes": [_json(_rest(changes))],
        "face_ids": [[c.face_id for c in changes.placements]],
        "before": [before],
        "after": [after],
        "placements": [_json([_placement_json(place) for place in places])],
    }
    return pa.table(values, schema=EVENT_SCHEMA)


def _rest(changes: Changes) -> dict[str, Any]:
    rest: dict[str, Any] = {}
    if changes.people:
        rest["people"] = [
            [c.person_id, _told_or_none(c.before), _told_or_none(c.after)]
            for c in changes.people
        ]
    if changes.marks:
        rest["marks"] = [
            [c.mark.face_id, c.mark.kind, c.mark.person_id, c.added] for c in changes.marks
        ]
    if changes.settings is not None:
        rest["settings"] = [asdict(changes.settings.before), asdict(changes.settings.after)]
    if changes.round is not None:
        rest["round"] = round_json(changes.round)
    return rest


def _placement_json(place: Placement) -> list[Any]:
    return [place.person_id, place.assignment, place.reason, place.round_id]


def _read_placements(row: Row) -> tuple[PlacementChange, ...]:
    # Faces of one person share one object: a million faces cost a million references.
    places = [
        Placement(person_id, Assignment(assignment), Reason(reason), round_id)
        for person_id, assignment, reason, round_id in json.loads(row["placements"])
    ]
    faces: Sequence[str] = row["face_ids"]
    return tuple(
        PlacementChange(face_id, places[before], places[after])
        for face_id, before, after in zip(faces, row["before"], row["after"], strict=True)
    )


def _read_person_change(given: Sequence[Any]) -> PersonChange:
    person_id, before, after = given
    return PersonChange(person_id, _read_person(before), _read_person(after))


def _read_person(given: Mapping[str, Any] | None) -> Person | None:
    if given is None:
        return None
    return _record(
        Person,
        given,
        birth_date=date.fromisoformat,
        create_time=datetime.fromisoformat,
        update_time=datetime.fromisoformat,
    )


def _told_or_none(record: Person | None) -> dict[str, Any] | None:
    return None if record is None else _told(record)


def _told(record: Person | RoundRecord) -> dict[str, Any]:
    """Return the fields of a record that are not their defaults; dates as ISO texts."""
    told = {}
    for field in fields(record):
        value = getattr(record, field.name)
        if value != field.default:
            told[field.name] = value.isoformat() if isinstance(value, date) else value
    return told


def _record(kind: type[T], given: Mapping[str, Any], **read: Any) -> T:
    return kind(
        **{
            name: read[name](value) if name in read and value is not None else value
            for name, value in given.items()
        }
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
