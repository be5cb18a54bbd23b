"""Questions whose answers settle faces: what is asked, in which order, and what answers do."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from facefolk_server.errors import SuggestionNotFoundError
from facefolk_server.service.admin import SettingsFields
from facefolk_server.service.paging import Page, PageRequest
from facefolk_server.service.people import PersonFields
from facefolk_server.service.suggestions.questions import (
    Answer,
    Question,
    Suggestion,
    SuggestionKind,
    merge_of,
    question_of,
)
from facefolk_server.types import Assignment, EventKind, MarkKind, RoundMode
from unit.service.world import CALL, Seen, World, look

MERGE, DOUBTFUL, OUTLIER, SAME_ASSET = (
    SuggestionKind.MERGE,
    SuggestionKind.DOUBTFUL_FACE,
    SuggestionKind.OUTLIER,
    SuggestionKind.SAME_ASSET,
)
# At a distance of 1 - cos: out of the reach of 0.5, and near enough to ask.
APART = 1.1


async def asked(world: World, kind: SuggestionKind | None = None) -> list[Suggestion]:
    return list((await listed(world, kind)).items)


async def listed(
    world: World, kind: SuggestionKind | None = None, **given: object
) -> Page[Suggestion]:
    page = PageRequest(1000)
    return await world.suggestions.list_suggestions(CALL, page, kind=kind, **given)  # type: ignore[arg-type]


async def answer(world: World, question: Question, said: Answer) -> int:
    """Answer, and return the number of the event that it became, 0 for none."""
    view = await world.suggestions.answer_suggestion(CALL, question.suggestion_id, said)
    return view.event.sequence if view else 0


async def portraits(
    world: World, name: str, count: int, *, off: float = 0.0, who: int = 0, way: int = 6
) -> list[str]:
    """Submit portraits of somebody turned from `who` towards `way`; return the face ids."""
    ids = []
    for number in range(count):
        vector = look(who, off=off + 0.01 * number, way=way)
        reply = await world.submit(f"{name}-{number}.jpg", Seen(10, vector))
        ids.append(reply.faces[0].view.face.face_id)
    return ids


async def owner(world: World, face_id: str) -> str:
    found = (await world.placed())[face_id]
    assert found is not None
    return found


async def two_alike(world: World) -> tuple[str, str]:
    """Two people who are probably one; the first has a face more."""
    one = await portraits(world, "one", 4)
    other = await portraits(world, "other", 3, off=APART)
    await world.round()
    people = await owner(world, one[0]), await owner(world, other[0])
    assert people[0] != people[1]
    return people


async def test_people_who_are_near_each_other_may_be_one(world: World) -> None:
    people = await two_alike(world)
    await world.album(3, 3)  # somebody else, like nobody
    await world.round()
    (found,) = await asked(world)
    assert found.question == merge_of(*people)
    assert found.faces_settled == 3
    assert 0.5 < found.distance < 0.6
    assert {await owner(world, face_id) for face_id in found.faces_shown} == set(people)


async def test_people_whom_a_round_would_have_joined_are_asked_about(world: World) -> None:
    one = await portraits(world, "one", 4)
    other = await portraits(world, "other", 4, off=1.8)
    await world.round()
    assert await asked(world) == []  # they are far from each other
    await portraits(world, "between", 3, off=0.9)
    await world.round()
    people = await owner(world, one[0]), await owner(world, other[0])
    (found,) = await asked(world, MERGE)
    assert found.question == merge_of(*people)
    assert found.distance < 0.5  # that of the faces that would have joined them
    # A round over everything looks at it anew: without the bridge there is nothing to ask.
    await world.erasure.delete_assets(CALL, [f"between-{number}.jpg" for number in range(3)])
    await world.round(RoundMode.ALL)
    assert await asked(world, MERGE) == []


async def test_people_whom_the_chain_guard_keeps_apart_are_asked_about(world: World) -> None:
    await world.admin.update_settings(CALL, SettingsFields(chain_guard=True))
    one = await portraits(world, "one", 6)
    other = await portraits(world, "other", 6, off=1.6)
    (between,) = await portraits(world, "between", 1, off=0.8)
    await world.round()
    people = await owner(world, one[0]), await owner(world, other[0])
    assert people[0] != people[1]
    (found,) = await asked(world, MERGE)
    assert found.question == merge_of(*people)
    shown = [await owner(world, face_id) for face_id in found.faces_shown[:2]]
    assert tuple(shown) == found.question.people
    assert between in found.faces_shown
    assert len(set(found.faces_shown)) == len(found.faces_shown) <= 8


async def test_yes_merges_into_the_one_with_a_name_and_can_be_undone(world: World) -> None:
    larger, smaller = await two_alike(world)
    await world.people.update_person(CALL, smaller, PersonFields("Ann"))
    (found,) = await asked(world)
    event_id = await answer(world, found.question, Answer.YES)
    assert set((await world.placed()).values()) == {smaller}
    page = await world.history.list_events(CALL, PageRequest(1))
    assert page.items[0].event.kind is EventKind.PEOPLE_MERGED
    assert await asked(world) == []
    await world.history.undo_event(CALL, event_id)
    assert set((await world.placed()).values()) == {larger, smaller}
    assert [again.question for again in await asked(world)] == [found.question]


async def test_two_told_apart_stay_two_when_the_distance_is_raised(world: World) -> None:
    people = await two_alike(world)
    (found,) = await asked(world)
    wider = SettingsFields(max_recognition_distance=0.6)
    await world.admin.update_settings(CALL, wider)
    said = await answer(world, found.question, Answer.NO)
    before = await world.placed()
    await world.round(RoundMode.ALL)
    # Faces that are about as near to either go to neither; nobody changes sides.
    after = await world.placed()
    assert set(after.values()) - {None} == set(people)
    assert all(after[face_id] in (None, before[face_id]) for face_id in before)
    await world.history.undo_event(CALL, said)
    await world.round(RoundMode.ALL)
    assert len(set((await world.placed()).values())) == 1


async def test_no_is_remembered_through_rounds_and_merges(world: World) -> None:
    larger, smaller = await two_alike(world)
    (found,) = await asked(world)
    event_id = await answer(world, found.question, Answer.NO)
    assert await asked(world) == []
    await world.album(3, 3)
    for mode in (RoundMode.MISSING, RoundMode.ALL):
        await world.round(mode)
        assert await asked(world, MERGE) == []
    third = next(p for p in (await world.placed()).values() if p not in (larger, smaller))
    assert third is not None
    await world.people.merge_people(CALL, third, [smaller])
    assert merge_of(third, larger) not in [one.question for one in await asked(world, MERGE)]
    with pytest.raises(SuggestionNotFoundError):
        await answer(world, merge_of(third, larger), Answer.YES)
    # Taking the answer back makes it a question again; so does undoing that.
    merge = (await world.history.list_events(CALL, PageRequest(1))).items[0].event.sequence
    await world.history.undo_event(CALL, merge)
    undoing = (await world.history.undo_event(CALL, event_id)).event.sequence
    assert [one.question for one in await asked(world, MERGE)] == [found.question]
    await world.history.undo_event(CALL, undoing)
    assert await asked(world, MERGE) == []


async def test_what_is_put_off_is_asked_again_after_the_next_round(world: World) -> None:
    await two_alike(world)
    (found,) = await asked(world)
    assert await answer(world, found.question, Answer.LATER) == 0
    assert await asked(world) == []
    page = await world.history.list_events(CALL, PageRequest(1))
    assert page.items[0].event.kind is EventKind.ROUND_COMMITTED
    await world.round()  # it changes nothing, and is a round all the same
    assert [again.question for again in await asked(world)] == [found.question]


async def test_an_outlier_that_resembles_someone(world: World) -> None:
    ann = await owner_of_album(world)
    alone = await portraits(world, "alone", 2, off=APART)
    await portraits(world, "stranger", 1, who=5)
    await world.round()
    found = await asked(world)
    assert {one.question for one in found} == {
        Question(OUTLIER, (ann,), (face_id,)) for face_id in alone
    }
    # They are near each other, so the next round brings one after the other.
    assert [one.faces_settled for one in found] == [2, 2]
    assert [one.faces_shown for one in found] == [one.question.faces for one in found]
    assert found[0].distance <= found[1].distance
    first, second = (one.question for one in found)
    event_id = await answer(world, first, Answer.YES)
    places = {v.face.face_id: v.placement for v in await world.stored(person_id=ann)}
    assert places[first.faces[0]].assignment is Assignment.MANUAL
    await answer(world, second, Answer.NO)
    assert await asked(world) == []
    await world.round()
    assert (await world.placed())[second.faces[0]] is None
    assert await asked(world) == []
    page = await world.history.list_events(CALL, PageRequest(2))
    assert [one.event.kind for one in page.items] == [
        EventKind.ROUND_COMMITTED,
        EventKind.FACES_MARKED,
    ]
    await world.history.undo_event(CALL, event_id + 1)
    await world.history.undo_event(CALL, event_id)
    await world.round()
    assert {one.question for one in await asked(world)} == {first, second}


async def owner_of_album(world: World) -> str:
    ids = await portraits(world, "ann", 4)
    await world.round()
    return await owner(world, ids[0])


async def test_nobody_is_asked_about_faces_that_no_round_has_seen(world: World) -> None:
    await owner_of_album(world)
    alone = await portraits(world, "alone", 1, off=APART)
    assert await asked(world) == []
    await world.round()
    assert len(await asked(world, OUTLIER)) == 1
    await world.hands.mark_faces(CALL, alone, MarkKind.STRANGER)
    assert await asked(world) == []


async def test_a_doubtful_face_resembles_somebody_else_more(world: World) -> None:
    # A chain: each is near the one before, the last is nearer to the other person's center.
    await world.admin.update_settings(CALL, SettingsFields(), mask=["chain_guard"])
    chain = [(await portraits(world, f"c{step}", 1, off=0.25 * step))[0] for step in range(9)]
    ann = await portraits(world, "ann", 12)
    await world.round()
    bea = await portraits(world, "bea", 5, off=3.2)
    await world.round()
    first, second = await owner(world, ann[0]), await owner(world, bea[0])
    assert first != second
    found = await asked(world, DOUBTFUL)
    assert found
    worst = found[0]
    assert worst.question == Question(DOUBTFUL, (first,), (chain[-1],))
    assert worst.people == (first, second)
    assert [one.distance for one in found] == sorted((o.distance for o in found), reverse=True)
    # Yes: it is said by hand now. No: it leaves, and is not that person any more.
    await answer(world, worst.question, Answer.YES)
    places = {view.face.face_id: view.placement for view in await world.stored()}
    assert places[chain[-1]].assignment is Assignment.MANUAL
    assert worst.question not in [one.question for one in await asked(world)]
    face_id = found[1].question.faces[0]
    await answer(world, found[1].question, Answer.NO)
    assert (await world.placed())[face_id] is None
    await world.round()
    assert (await world.placed())[face_id] != first


async def same_asset(world: World) -> tuple[str, str, str]:
    """A person who is in one picture twice: the person, the face kept, the one taken back."""
    await portraits(world, "ann", 4)
    reply = await world.submit(
        "both.jpg", Seen(10, look(0, off=0.1, way=6)), Seen(100, look(0, off=0.3, way=6))
    )
    await world.round()
    placed = await world.placed()
    kept, other = (seen.view.face.face_id for seen in reply.faces)
    assert placed[other] is None
    return await owner(world, kept), kept, other


async def test_a_face_taken_back_from_a_picture_is_asked_about(world: World) -> None:
    ann, kept, other = await same_asset(world)
    (found,) = await asked(world)
    assert found.question == Question(SAME_ASSET, (ann,), (other, kept))
    assert (found.faces_settled, found.faces_shown) == (2, (other, kept))
    event_id = await answer(world, found.question, Answer.YES)
    placed = await world.placed()
    assert (placed[other], placed[kept]) == (ann, None)
    await world.round()
    assert (await world.placed())[kept] is None  # it was said that it is not
    assert await asked(world) == []
    await world.history.undo_event(CALL, event_id)
    placed = await world.placed()
    assert (placed[other], placed[kept]) == (None, ann)
    (again,) = await asked(world)
    await answer(world, again.question, Answer.NO)
    assert await asked(world) == []
    await world.round(RoundMode.ALL)
    placed = await world.placed()
    assert (placed[other], placed[kept]) == (None, ann)
    assert await asked(world) == []


async def test_a_person_who_is_in_a_picture_twice_is_asked_about(world: World) -> None:
    ann, kept, other = await same_asset(world)
    await world.admin.update_settings(
        CALL, SettingsFields(one_face_per_asset=False), mask=["one_face_per_asset"]
    )
    await world.round()
    assert (await world.placed())[other] == ann
    (found,) = await asked(world)
    assert found.question == Question(SAME_ASSET, (ann,), (other, kept))
    # A face that a user assigned is not in question; where all were, there is none.
    await world.hands.assign_faces(CALL, [other], person_id=ann)
    (found,) = await asked(world)
    assert found.question == Question(SAME_ASSET, (ann,), (kept, other))
    await world.hands.assign_faces(CALL, [kept], person_id=ann)
    assert await asked(world) == []


async def test_what_settles_most_faces_comes_first(world: World) -> None:
    await two_alike(world)  # settles 3
    await portraits(world, "alone", 1, off=2 * APART)  # settles 1
    await world.submit(
        "both.jpg", Seen(10, look(0, way=6)), Seen(100, look(0, off=0.3, way=6))
    )  # settles 2
    await world.round()
    found = await asked(world)
    settled = [one.faces_settled for one in found]
    assert settled == sorted(settled, reverse=True)
    kinds = [one.question.kind for one in found]
    assert kinds == [MERGE, SAME_ASSET, OUTLIER]
    for kind in SuggestionKind:
        only = [one for one in found if one.question.kind is kind]
        assert await asked(world, kind) == only


async def test_hidden_people_are_left_out_unless_asked_for(world: World) -> None:
    larger, _ = await two_alike(world)
    await portraits(world, "alone", 1, off=-APART)
    await world.round()
    before = await listed(world)
    assert {one.question.kind for one in before.items} == {MERGE, OUTLIER}
    await world.people.update_person(CALL, larger, PersonFields(hidden=True), mask=["hidden"])
    after = await listed(world)
    assert (after.items, after.total_size) == ((), 0)
    assert await listed(world, include_hidden=True) == before


async def test_stale_and_made_up_suggestions_are_refused(world: World) -> None:
    larger, smaller = await two_alike(world)
    alone = await portraits(world, "alone", 1, off=-APART)
    await world.round()
    merge, outlier = (one.question for one in await asked(world))
    await world.hands.assign_faces(CALL, alone, person_id=smaller)
    await world.people.merge_people(CALL, larger, [smaller])
    made_up = [
        Question(OUTLIER, ("p_none",), tuple(alone)),
        Question(DOUBTFUL, (larger,), ("none",)),
        Question(SAME_ASSET, (larger,), (alone[0], "none")),
    ]
    sequence = await world.sequence()
    for question in (merge, outlier, *made_up):
        for said in Answer:
            with pytest.raises(SuggestionNotFoundError) as refused:
                await answer(world, question, said)
            assert refused.value.reason == "SUGGESTION_NOT_FOUND"
    for suggestion_id in ("", "x", "AAAA", "bnVsbA", "W10", "é", "[" * 5000):
        with pytest.raises(SuggestionNotFoundError):
            await world.suggestions.answer_suggestion(CALL, suggestion_id, Answer.YES)
    assert await world.sequence() == sequence


@pytest.mark.parametrize("told", ["9", "true", "[4]", '"pq"', "null", "{}", '[""]'])
def test_ids_that_are_no_question_are_refused(told: str) -> None:
    for text in (f"[1,{told},[]]", f'[2,{told},["f"]]', f"[{told},[],[]]", told):
        suggestion_id = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        with pytest.raises(SuggestionNotFoundError):
            question_of(suggestion_id)


def test_the_id_of_a_question_says_all_of_it() -> None:
    for question in (
        merge_of("p_b", "p_a"),
        Question(DOUBTFUL, ("p_a",), ("f1",)),
        Question(SAME_ASSET, ("p_a",), ("f1", "f2", "f3")),
    ):
        assert question_of(question.suggestion_id) == question
        assert "=" not in question.suggestion_id


async def test_pages_stay_true_while_questions_are_answered(world: World) -> None:
    await owner_of_album(world)
    for number in range(7):
        await portraits(world, f"alone{number}", 1, off=APART + 0.01 * number)
    await world.admin.update_settings(CALL, SettingsFields(min_recognized_faces=20))
    await world.round()
    everything = await asked(world)
    assert len(everything) == 7
    seen: list[Suggestion] = []
    token = ""
    while True:
        page = await world.suggestions.list_suggestions(CALL, PageRequest(2, token))
        seen += page.items
        token = page.next_page_token
        if not token:
            break
        # Answering the one just seen neither hides nor repeats another.
        await answer(world, page.items[0].question, Answer.LATER)
    assert [one.question for one in seen] == [one.question for one in everything]


async def test_a_repeated_request_answers_the_same(world: World) -> None:
    await two_alike(world)
    (found,) = await asked(world)
    call = replace(CALL, request_id="once")
    first = await world.suggestions.answer_suggestion(
        call, found.question.suggestion_id, Answer.YES
    )
    again = await world.suggestions.answer_suggestion(
        call, found.question.suggestion_id, Answer.YES
    )
    assert first is not None
    assert again is not None
    assert again.event.sequence == first.event.sequence


async def test_contradicting_marks_are_not_asked_about(world: World) -> None:
    larger, smaller = await two_alike(world)
    faces = [view.face.face_id for view in await world.stored(person_id=larger)]
    await world.hands.mark_faces(CALL, faces[:1], MarkKind.NOT_THIS_PERSON, person_id=smaller)
    assert await asked(world) == []  # somebody said already that they are two


async def test_an_empty_library_asks_nothing(world: World) -> None:
    assert await asked(world) == []
    await portraits(world, "one", 1)
    await world.round()
    assert await asked(world) == []
