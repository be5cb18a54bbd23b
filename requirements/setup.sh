#!/bin/sh
# Build or complete .venv from a hashed lock: `setup.sh runtime` or `setup.sh dev`.
# Says exactly what is missing where something is.
set -eu
cd "$(dirname "$0")/.."
lock=$1

stop() {
    printf '\nfacefolk: %s\n' "$1" >&2
    shift
    for line in "$@"; do printf '  %s\n' "$line" >&2; done
    exit 1
}

system=$(uname -s) machine=$(uname -m)
if [ "$system" != Linux ] || { [ "$machine" != x86_64 ] && [ "$machine" != amd64 ]; }; then
    stop "the server runs on Linux on x86-64; this is $system on $machine." \
        "Run it on such a machine or in a container of one." \
        "The client alone works here too: pip install '.[cli,preview,report]'."
fi

supported() {
    "$1" -c 'import sys; sys.exit(not ((3, 11) <= sys.version_info[:2] <= (3, 13) and sys.implementation.name == "cpython"))' 2>/dev/null
}

python=
for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11; do
    if supported "$candidate"; then python=$candidate && break; fi
done
[ -n "$python" ] || stop "no CPython 3.11, 3.12 or 3.13 was found." \
    "On Debian or Ubuntu: sudo apt install python3 python3-venv" \
    "Or name one: make PYTHON=/path/to/python3.12 ..."

# A virtual environment that was not finished, or whose Python is gone, is made anew.
if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    rm -rf .venv
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if ! "$python" -c 'import venv, ensurepip' 2>/dev/null || ! "$python" -m venv .venv; then
        rm -rf .venv
        stop "$python cannot make a virtual environment: its venv module is missing." \
            "On Debian or Ubuntu: sudo apt install python$version-venv"
    fi
fi

echo "Installing the $lock packages into .venv (a minute or two the first time) ..."
if ! .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
    --require-hashes -r "requirements/$lock.txt"; then
    stop "the packages of requirements/$lock.txt could not be installed; pip says why above." \
        "If no package index can be reached: check the network, or set PIP_INDEX_URL to an index" \
        "that can, or PIP_FIND_LINKS to a folder with the packages; then run make again."
fi
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
    --no-deps --no-build-isolation --no-index -e .
touch ".venv/.$lock"
