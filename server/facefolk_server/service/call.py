"""What every use case is told about its caller."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Call:
    """Who calls, about which library, and how long they wait.

    `deadline` is an instant of `time.monotonic` in seconds; None waits as long as it takes.
    `request_id` makes a repeated change answer the first one's outcome. A `patient` call
    waits for room in the admission budget in place of being refused; streams are patient.
    """

    library_id: str = ""
    actor: str = ""
    request_id: str = ""
    deadline: float | None = None
    patient: bool = False
