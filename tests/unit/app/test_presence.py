"""Whether another server works on the same directory."""

from pathlib import Path

from facefolk_server.app.presence import Presence


def test_the_first_is_alone_and_the_second_knows_of_it(tmp_path: Path) -> None:
    first = Presence(str(tmp_path))
    assert first.alone()
    first.share()
    second = Presence(str(tmp_path))
    assert not second.alone()
    second.share()
    first.close()
    third = Presence(str(tmp_path))
    assert not third.alone()
    second.close()
    assert third.alone()
    third.close()


def test_in_a_bucket_nobody_is_known_to_be_alone() -> None:
    presence = Presence("s3://bucket/facefolk")
    assert not presence.alone()
    presence.share()
    presence.close()
