"""A caller of its own: `python -m bench.load ADDRESS CALL CONCURRENCY SECONDS FILE`.

Sends the files in turn, always CONCURRENCY of them at once, and prints one JSON line: how many
were answered, how many a second, the latencies in ms, how many were sent in all, before and
after what counts too, and the processor time that took here. To embed, it first lets the server
find the faces of the files, once.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import math
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from facefolk import AsyncClient

_WARM_UP_SECONDS = 0.7


def drive(
    address: str, call: str, concurrency: int, seconds: float, files: Sequence[Path]
) -> dict[str, Any]:
    """Run such a caller and return what it printed."""
    command = [sys.executable, "-m", "bench.load", address, call]
    done = subprocess.run(
        [*command, str(concurrency), str(seconds), *map(str, files)],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


async def _main(
    address: str, call: str, concurrency: int, seconds: float, files: Sequence[str]
) -> None:
    images = [Path(name).read_bytes() for name in files]
    numbers = itertools.count()
    latencies: list[float] = []
    started_cpu = time.process_time()
    async with AsyncClient(address, timeout_seconds=120) as client:
        work = await _prepared(client, call, images)
        warm = time.perf_counter() + _WARM_UP_SECONDS
        begin = end = math.inf
        done = 0

        async def caller() -> None:
            nonlocal begin, end, done
            while (started := time.perf_counter()) < end:
                await work(next(numbers))
                answered = time.perf_counter()
                if begin <= answered <= end:
                    latencies.append((answered - started) * 1000)
                done += 1
                if done == concurrency:  # from now on answers come as steadily as they do
                    begin = max(warm, answered)
                    end = begin + seconds

        await asyncio.gather(*(caller() for _ in range(concurrency)))
    latencies.sort()
    told = {
        "answered": len(latencies),
        "rate": len(latencies) / seconds,
        "sent": next(numbers),
        "cpu_seconds": time.process_time() - started_cpu,
        "p50_ms": latencies[len(latencies) // 2] if latencies else 0.0,
        "p99_ms": latencies[int(len(latencies) * 0.99)] if latencies else 0.0,
    }
    sys.stdout.write(json.dumps(told) + "\n")


async def _prepared(
    client: AsyncClient, call: str, images: Sequence[bytes]
) -> Callable[[int], Awaitable[Any]]:
    """Return the work that sends image number n."""
    faces = [(await client.detect(image)).faces for image in images if call == "embed"]
    runs = {
        "detect": lambda n: client.detect(images[n % len(images)]),
        "embed": lambda n: client.embed_faces(images[n % len(images)], faces[n % len(images)]),
        "recognize": lambda n: client.recognize(
            f"{call}-{time.time_ns()}", images[n % len(images)]
        ),
        "again": lambda n: client.recognize(f"asset-{n % 64}", images[n % len(images)]),
        "dry": lambda n: client.recognize(f"dry-{n}", images[n % len(images)], dry_run=True),
    }
    return runs[call]


if __name__ == "__main__":
    asyncio.run(
        _main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), sys.argv[5:])
    )
