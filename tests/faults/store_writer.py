"""Writes frames and events into a store until it is killed, telling each acknowledgement.

Frames move from the journal to the tables all the time, beside those that come.
"""

from __future__ import annotations

import itertools
import sys
import threading

from facefolk_server.store import Draft, Store, intake, ledger, table
from facefolk_server.types import EventKind
from unit.store.samples import arrival, write


def main(path: str, start: int) -> None:
    table._COMMITS_BETWEEN = 6
    table._MAX_COMMITS_BETWEEN = 6
    ledger._EVENTS_BETWEEN_SNAPSHOTS = 7
    intake._SECONDS = 0.03
    library = Store.open(path, durability="process").library("")
    lock = threading.Lock()

    def tell(line: str) -> None:
        with lock:
            print(line, flush=True)

    def name_people() -> None:
        for number in itertools.count(start):
            changes = arrival(f"p{number}", str(number))
            event = library.append(
                lambda _, c=changes: Draft(EventKind.PERSON_CREATED, c),  # type: ignore[misc]
                actor="me",
            )
            assert event is not None
            tell(f"event {event.sequence} p{number}")

    threading.Thread(target=name_people, daemon=True).start()
    for number in itertools.count(start):
        removed = [f"face{number - 10}"] if number - 10 >= start else []
        library.write_frame(write(f"{number}.jpg", [number], removed=removed)).result()
        tell(f"frame {number}")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
