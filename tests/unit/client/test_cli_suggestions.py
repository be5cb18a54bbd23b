"""Questions: listed, answered one by one, taken back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from facefolk.cli.suggestions import command, keys
from facefolk.v1 import people_pb2 as pb
from google.rpc import code_pb2
from unit.client.commands import Command
from unit.client.fake_server import FakeServer, iterate
from unit.client.fake_world import status

YES, NO, LATER = 1, 2, 3


@pytest.fixture
def server(server: FakeServer) -> FakeServer:
    world = server.world
    world.add_person("p1", 3, name="Ada")
    world.add_person("p2", 14)
    world.add_face("f1")
    world.add_face("f2", "p1")
    world.ask("s1", pb.SUGGESTION_KIND_MERGE, "p1 p2")
    world.ask("s2", pb.SUGGESTION_KIND_OUTLIER, "p1", "f1")
    world.ask("s3", pb.SUGGESTION_KIND_SAME_ASSET, "p1", "f1 f2")
    world.ask("s4", pb.SUGGESTION_KIND_DOUBTFUL_FACE, "p1 p2", "f2")
    return server


def answers(server: FakeServer) -> list[tuple[str, int]]:
    told = iterate(server, "AnswerSuggestion")
    return [(request.suggestion_id, request.answer) for request in told]


def test_questions_are_listed(facefolk: Command, server: FakeServer) -> None:
    listed = facefolk("suggestions", "--json").json
    assert [one["kind"] for one in listed] == [
        "merge",
        "outlier",
        "same_asset",
        "doubtful_face",
    ]
    lines = facefolk("suggestions", "--list", "--limit", 1)
    assert "merge Ada, p2 0.400 3 s1" in lines.out
    assert "1 of 4 suggestions" in lines.err
    facefolk("suggestions", "--list", "--kind", "same-asset")
    assert list(iterate(server, "ListSuggestions"))[-1].kind == pb.SUGGESTION_KIND_SAME_ASSET
    assert answers(server) == []


def test_a_review_goes_through_the_questions(facefolk: Command, server: FakeServer) -> None:
    done = facefolk("suggestions", said="y\nno\nl\nYES\n")
    assert answers(server) == [("s1", YES), ("s2", NO), ("s3", LATER), ("s4", YES)]
    assert "1. Are these the same person?" in done.out
    assert "likely, distance 0.400; an answer settles 3 faces" in done.out
    assert "person Ada 3 3 - p1" in done.out
    assert "2. Is this face, which has nobody yet, Ada?" in done.out
    assert "face in f1.jpg f1" in done.out
    assert "3. Ada is in this picture twice; is the first of these faces Ada?" in done.out
    assert "4. Is this face really Ada?" in done.out
    assert "or rather - 14 14 - p2" in done.out
    assert done.out.endswith("4 questions answered: 2 yes, 1 no, 1 later.")
    assert "pictures:" not in done.out


def test_quitting_and_the_end_of_the_input_leave_the_rest(
    facefolk: Command, server: FakeServer
) -> None:
    assert facefolk("suggestions", said="y\nq\n").out.endswith("1 question answered: 1 yes.")
    assert facefolk("suggestions", said="").out.endswith("0 questions answered.")
    assert answers(server) == [("s1", YES)]


def test_what_means_nothing_is_asked_again(facefolk: Command, server: FakeServer) -> None:
    facefolk("suggestions", said="what\n\ny\nq\n")
    assert answers(server) == [("s1", YES)]


def test_answers_are_taken_back(facefolk: Command, server: FakeServer) -> None:
    done = facefolk("suggestions", said="y\nl\nu\nu\nu\nn\nn\nq\n")
    assert answers(server) == [("s1", YES), ("s2", LATER), ("s1", NO), ("s2", NO)]
    assert [request.event_id for request in iterate(server, "UndoEvent")] == [1]
    assert "No answer is left to take back." in done.err
    assert done.out.endswith("2 questions answered: 2 no.")
    asked = re.findall(r"(\d+)\. (?:Is|Are|Ada)", done.out)
    assert asked == ["1", "2", "3", "2", "1", "1", "2", "3"]


def test_an_answer_that_cannot_be_taken_back_stays(
    facefolk: Command, server: FakeServer
) -> None:
    refusal = status(code_pb2.FAILED_PRECONDITION, "Event 9 is in the way.", "UNDO_BLOCKED")
    server.world.failures["UndoEvent"].append(refusal)
    done = facefolk("suggestions", said="y\nu\nn\nq\n")
    assert "Event 9 is in the way." in done.err
    assert answers(server) == [("s1", YES), ("s2", NO)]


def test_questions_settled_meanwhile_are_passed_over(
    facefolk: Command, server: FakeServer
) -> None:
    del server.world.people["p2"]  # gone: neither s1 nor s4 can be asked
    settled = status(code_pb2.NOT_FOUND, "Settled.", "SUGGESTION_NOT_FOUND")
    server.world.failures["AnswerSuggestion"].append(settled)
    done = facefolk("suggestions", said="y\ny\n")
    assert "That is settled by now." in done.err
    assert answers(server) == [("s2", YES), ("s3", YES)]
    assert done.out.endswith("1 question answered: 1 yes.")
    server.world.people.clear()
    assert facefolk("suggestions").out == "There is nothing to ask."


def test_there_may_be_nothing_to_ask(facefolk: Command, server: FakeServer) -> None:
    server.world.suggestions.clear()
    assert facefolk("suggestions").out == "There is nothing to ask."


def test_the_faces_of_a_question_are_a_page(
    facefolk: Command, server: FakeServer, tmp_path: Path
) -> None:
    server.world.add_face("f3", "p2")
    server.world.suggestions["s1"].face_ids.extend(["f1", "f2", "f3"])
    folder = tmp_path / "pages"
    done = facefolk("suggestions", "--pictures", folder, said="l\nl\nl\nl\n")
    pages = sorted(folder.iterdir())
    assert len(pages) == 4
    assert str(pages[0]) in done.stdout
    merge, _, twice, doubt = (page.read_text() for page in pages)
    assert merge.count("data:image/jpeg") == 4 + 12 + 3
    assert "Nearest to the other" in merge
    assert "Between the two" in merge
    assert "+2 more" in merge
    assert "<h2>Ada</h2>" in merge
    assert "In the same picture" in twice
    assert "<h2>This face</h2>" in doubt


def test_one_question_is_answered(facefolk: Command, server: FakeServer) -> None:
    assert facefolk("suggestions", "answer", "s1", "yes", "--json").json["event_id"] == 1
    assert facefolk("suggestions", "answer", "s2", "later").out == "Asked again after a round."
    assert answers(server) == [("s1", YES), ("s2", LATER)]
    assert "no suggestion s9" in facefolk("suggestions", "answer", "s9", "no", status=1).err
    facefolk("suggestions", "answer", "s3", "maybe", status=2)


def test_single_keys_are_enough_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal:
        @staticmethod
        def isatty() -> bool:
            return True

    pressed = iter("yNx\r")
    monkeypatch.setattr(keys.sys, "stdin", Terminal)
    monkeypatch.setattr(keys.typer, "getchar", lambda: next(pressed))
    assert [keys.next_key() for _ in range(4)] == [keys.Key.YES, keys.Key.NO, None, None]


def test_without_the_extra_there_are_no_pages(
    facefolk: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "jinja2", None)
    done = facefolk("suggestions", "--pictures", tmp_path, status=2)
    assert "pip install 'facefolk[report]'" in done.err
    assert command.__doc__
