"""The generated code is that of the protos, and the protos explain themselves."""

from __future__ import annotations

import filecmp
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import google.rpc
import pytest
from google.protobuf import descriptor_pb2
from grpc_tools import protoc

ROOT = Path(__file__).parents[2]
PROTOS = sorted((ROOT / "protos/facefolk/v1").glob("*.proto"))
GENERATED = ROOT / "client/facefolk/v1"


def test_generated_code_is_that_of_the_protos(tmp_path: Path) -> None:
    subprocess.run(
        [ROOT / "protos/generate.sh", tmp_path],
        check=True,
        capture_output=True,
        env={**os.environ, "BIN": str(Path(sys.executable).parent)},
    )
    made = tmp_path / "facefolk/v1"
    names = sorted(path.name for path in made.iterdir())
    assert names == sorted(path.name for path in GENERATED.iterdir() if path.is_file())
    _, different, broken = filecmp.cmpfiles(made, GENERATED, names, shallow=False)
    assert not different + broken, "run `make protos` and commit both"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[descriptor_pb2.FileDescriptorProto]:
    target = tmp_path_factory.mktemp("descriptors") / "set.bin"
    google_root = Path(next(iter(google.rpc.__path__))).parents[1]
    well_known = Path(protoc.__file__).parent / "_proto"
    arguments = ["", f"-I{ROOT / 'protos'}", f"-I{google_root}", f"-I{well_known}"]
    arguments += ["--include_source_info", f"--descriptor_set_out={target}"]
    assert protoc.main([*arguments, *map(str, PROTOS)]) == 0
    found = descriptor_pb2.FileDescriptorSet.FromString(target.read_bytes())
    return list(found.file)


Path_ = tuple[int, ...]


def elements(file: descriptor_pb2.FileDescriptorProto) -> Iterator[tuple[Path_, str]]:
    """Every service, method, message, field, enum and value, by its path in the file."""
    for i, message in enumerate(file.message_type):
        yield from of_message(message, (4, i), message.name)
    for i, enum in enumerate(file.enum_type):
        yield from of_enum(enum, (5, i), enum.name)
    for i, service in enumerate(file.service):
        yield (6, i), service.name
        for j, method in enumerate(service.method):
            yield (6, i, 2, j), f"{service.name}.{method.name}"


def of_message(
    message: descriptor_pb2.DescriptorProto, path: Path_, name: str
) -> Iterator[tuple[Path_, str]]:
    if message.options.map_entry:
        return
    yield path, name
    synthetic = {f.oneof_index for f in message.field if f.proto3_optional}
    for i, field in enumerate(message.field):
        yield (*path, 2, i), f"{name}.{field.name}"
    for i, oneof in enumerate(message.oneof_decl):
        if i not in synthetic:
            yield (*path, 8, i), f"{name}.{oneof.name}"
    for i, nested in enumerate(message.nested_type):
        yield from of_message(nested, (*path, 3, i), f"{name}.{nested.name}")
    for i, enum in enumerate(message.enum_type):
        yield from of_enum(enum, (*path, 4, i), f"{name}.{enum.name}")


def of_enum(
    enum: descriptor_pb2.EnumDescriptorProto, path: Path_, name: str
) -> Iterator[tuple[Path_, str]]:
    yield path, name
    for i, value in enumerate(enum.value):
        yield (*path, 2, i), value.name


def test_every_element_has_a_comment(files: list[descriptor_pb2.FileDescriptorProto]) -> None:
    silent = []
    for file in files:
        comments = {
            tuple(location.path): location.leading_comments.strip()
            for location in file.source_code_info.location
        }
        silent += [name for path, name in elements(file) if not comments.get(path)]
    assert not silent


def test_enums_begin_unspecified_and_values_carry_the_prefix(
    files: list[descriptor_pb2.FileDescriptorProto],
) -> None:
    for file in files:
        for enum in file.enum_type:
            prefix = "".join(f"_{c}" if c.isupper() else c for c in enum.name)
            prefix = prefix.strip("_").upper() + "_"
            assert enum.value[0].name == f"{prefix}UNSPECIFIED"
            assert all(value.name.startswith(prefix) for value in enum.value)


def test_every_request_names_a_library(
    files: list[descriptor_pb2.FileDescriptorProto],
) -> None:
    # Packs belong to the server; a stream's messages carry requests that name one.
    excepted = {"PullPackRequest", "RecognizeStreamRequest"}
    for file in files:
        for message in file.message_type:
            if message.name.endswith("Request") and message.name not in excepted:
                assert "library_id" in {field.name for field in message.field}, message.name
