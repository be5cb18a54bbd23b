"""As much of grpcurl as the README uses: `grpcurl [-plaintext] [-d JSON|@] ADDRESS METHOD`.

It knows nothing of our API: descriptors come from the server by reflection, messages are
dynamic, and JSON is read and written as grpcurl does. Failures go to the standard error
stream, with the exit status 64 + code that grpcurl uses.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator

import grpc
from google.protobuf import json_format
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

MAX_MESSAGE_BYTES = 32 * 1024 * 1024


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("grpcurl", prefix_chars="-")
    parser.add_argument("-plaintext", action="store_true", required=True)
    parser.add_argument("-d", dest="data", default="")
    parser.add_argument("address")
    parser.add_argument("target", help="`list`, or service/method")
    given = parser.parse_args(arguments)
    options = [("grpc.max_receive_message_length", MAX_MESSAGE_BYTES)]
    with grpc.insecure_channel(given.address, options=options) as channel:
        if given.target == "list":
            print("\n".join(sorted(ProtoReflectionDescriptorDatabase(channel).get_services())))
            return 0
        data = sys.stdin.read() if given.data == "@" else given.data
        try:
            for reply in call(channel, given.target, data):
                print(json_format.MessageToJson(reply))
        except grpc.RpcError as error:
            name = error.code().name.title().replace("_", "")
            print(f"ERROR:\n  Code: {name}\n  Message: {error.details()}", file=sys.stderr)
            return 64 + error.code().value[0]
    return 0


def call(channel: grpc.Channel, target: str, data: str) -> Iterator[Message]:
    """Call the method with the JSON documents and return its replies."""
    method = find_method(channel, target)
    request_class = GetMessageClass(method.input_type)
    requests = [
        json_format.ParseDict(document, request_class()) for document in documents(data)
    ]
    if not method.client_streaming:
        requests = requests or [request_class()]
    stream = channel.stream_stream(
        f"/{method.containing_service.full_name}/{method.name}",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=GetMessageClass(method.output_type).FromString,
    )
    return stream(iter(requests))


def find_method(channel: grpc.Channel, target: str) -> MethodDescriptor:
    """Ask the server what the method takes and answers."""
    service_name, _, method_name = target.rpartition("/")
    pool = DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
    return pool.FindServiceByName(service_name).methods_by_name[method_name]


def documents(text: str) -> Iterator[dict]:
    """Split JSON documents that follow one another."""
    decoder = json.JSONDecoder()
    position = 0
    while text[position:].strip():
        position += len(text[position:]) - len(text[position:].lstrip())
        document, position = decoder.raw_decode(text, position)
        yield document


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
