"""The same store on an object store: a real S3 protocol, two servers on one bucket."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import boto3
import pytest
from facefolk_server.store import Draft, Store, ledger
from facefolk_server.store import table as tables
from facefolk_server.types import Changes, EventKind, PersonChange
from moto.server import ThreadedMotoServer
from unit.store.samples import Clock, arrival, vector, write

KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


@pytest.fixture
def bucket() -> Iterator[dict[str, str]]:
    """A fresh bucket; what LanceDB needs to reach it."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **KEYS)
    client.create_bucket(Bucket="facefolk")
    client.close()
    yield {"endpoint": endpoint, "allow_http": "true", "region": "us-east-1", **KEYS}
    server.stop()


def opened(bucket: dict[str, str]) -> Store:
    return Store.open("s3://facefolk/store", storage_options=bucket, clock=Clock())


@pytest.mark.slow
def test_the_store_on_a_bucket(bucket: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_COMMITS_BETWEEN", 4)
    monkeypatch.setattr(ledger, "_EVENTS_BETWEEN_SNAPSHOTS", 5)
    store = opened(bucket)
    library = store.library("family")
    for number in range(10):
        library.write_frame(write(f"{number}.jpg", [number])).result()
        changes = arrival(f"p{number}", str(number))
        library.append(
            lambda _, c=changes: Draft(EventKind.PERSON_CREATED, c),  # type: ignore[misc]
            actor="me",
        )
    library.write_frame(write("0.jpg", [], removed=["face0"])).result()
    assert store.write_pin("open", "digest") == "open"
    store.close()
    again = opened(bucket)
    assert again.library_ids() == ["family"]
    assert again.read_pin() == "open"
    library = again.library("family")
    with library.read() as state:
        assert state.sequence == 10
        assert {p.name for p in state.people.values()} == {str(n) for n in range(10)}
        table = library.faces("open")
        assert set(table.live_ids()) == {f"face{n}" for n in range(1, 10)}
        row = table.row_of("face7")
        assert row is not None
        assert table.embeddings[row].tolist() == vector(7).tolist()
    assert library.thumbnail("face7") == b"jpeg 7"
    assert len(library.all_frames()) == 10


@pytest.mark.slow
def test_two_servers_race_on_a_bucket(bucket: dict[str, str]) -> None:
    opened(bucket).library("").append(
        lambda _: Draft(EventKind.PERSON_CREATED, arrival("p", "0")), actor="me"
    )
    stores = [opened(bucket) for _ in range(2)]
    failures: list[BaseException] = []

    def work(store: Store) -> None:
        def count(state: object) -> Draft:
            before = state.people["p"]  # type: ignore[attr-defined]
            after = arrival("p", str(int(before.name) + 1)).people[0].after
            change = PersonChange("p", before, after)
            return Draft(EventKind.PERSON_UPDATED, Changes(people=(change,)))

        try:
            for _ in range(10):
                store.library("").append(count, actor="me")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    library = opened(bucket).library("")
    assert [event.sequence for event in library.events(after=0)] == list(range(1, 22))
    with library.read() as state:
        assert state.people["p"].name == "20"
