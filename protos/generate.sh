#!/bin/sh
# Write the Python code of the API below the folder given (default: client): `make protos`.
set -eu
cd "$(dirname "$0")/.."
out=${1:-client}
bin=${BIN:-.venv/bin}
google=$("$bin/python" -c 'import google.rpc; print(list(google.rpc.__path__)[0] + "/../..")')
mkdir -p "$out/facefolk/v1"
PATH="$bin:$PATH" "$bin/python" -m grpc_tools.protoc -Iprotos -I"$google" \
    --python_out="$out" --pyi_out="$out" --grpc_python_out="$out" --mypy_grpc_out="$out" \
    protos/facefolk/v1/*.proto
printf '"""Generated from `protos/facefolk/v1` by `make protos`; never edited."""\n' > "$out/facefolk/v1/__init__.py"
