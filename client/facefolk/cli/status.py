"""`facefolk status`."""

from __future__ import annotations

from collections.abc import Iterator

import typer

from facefolk.cli.screen import clock_time, fields_table
from facefolk.cli.session import Json, session
from facefolk.types import Status


def status(context: typer.Context, *, as_json: Json = False) -> None:
    """Tell how the server and the library are."""
    with session(context, as_json=as_json) as given:
        found = given.client.get_status()
        given.screen.show(found, lambda: fields_table(list(_rows(found))))
        if not as_json:
            for warning in found.warnings:
                given.screen.note(f"warning: {warning}", style="yellow")


def _rows(found: Status) -> Iterator[tuple[str, object]]:
    yield "version", found.version
    yield "since", clock_time(found.start_time)
    yield "pack", found.pack.name if found.pack else ""
    for model in found.models:
        passed = "" if model.self_test_passed else "; the self-test has not passed"
        put_aside = f"; quarantined: {model.quarantine_reason}"
        yield (
            f"model {model.name}",
            model.device + (put_aside if model.quarantine_reason else passed),
        )
    yield "faces", found.face_count
    yield "people", found.person_count
    yield "faces without a person", found.unassigned_face_count
    if found.round:
        mode, state = found.round.mode.name.lower(), found.round.state.name.lower()
        yield "last round", f"{found.round.round_id}, {mode}, {state}"
    for one in found.tables:
        yield f"table {one.name}", f"{one.rows} rows, version {one.version}"
    in_flight = f"{found.requests_in_flight} calls, {found.bytes_in_flight} bytes"
    yield "in flight", f"{in_flight}, {found.writes_queued} writes queued"
    yield "libraries", ", ".join(f"{k} {v}" for k, v in found.library_versions.items())
