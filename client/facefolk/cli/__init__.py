"""The command `facefolk`; needs the extra [cli]."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command."""
    # What gRPC writes to the terminal by itself says no more than its errors do.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    try:
        from facefolk.cli.app import run
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "facefolk":
            raise
        sys.exit(_complain(error.name))
    run()


def _complain(package: str) -> int:
    sys.stderr.write(
        f"The command line needs {package}, which is not installed: "
        "pip install 'facefolk[cli]'.\n"
    )
    return 2
