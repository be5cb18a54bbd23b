#!/bin/sh
# Write the hashed, index-free locks again: `make lock`. Needs uv (it is in the dev lock).
# The dev lock is solved first and the runtime lock inside it, so both hold the same versions.
set -eu
cd "$(dirname "$0")/.."
solve() {
    "${UV:-.venv/bin/uv}" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-annotate --no-header "$@" \
        pyproject.toml --extra cli --extra preview --extra report --extra server --group build
}
solve --group dev --output-file requirements/dev.txt
solve --constraint requirements/dev.txt --output-file requirements/runtime.txt
# What serving is measured against has an environment of its own: `make bench-peers`.
printf 'insightface==2.1\nonnxruntime==1.32.0\n' |
    "${UV:-.venv/bin/uv}" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-annotate --no-header --output-file requirements/peers.txt -
