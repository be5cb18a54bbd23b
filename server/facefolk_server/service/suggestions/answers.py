"""What an answer changes."""

from __future__ import annotations

import json
from datetime import datetime

from facefolk_server.service.departures import people_left_empty
from facefolk_server.service.hands import assignment
from facefolk_server.service.marking import KIND, marking
from facefolk_server.service.merging import merger
from facefolk_server.service.reading import Reading
from facefolk_server.service.suggestions.questions import (
    Answer,
    Question,
    SuggestionKind,
    no_suggestion,
)
from facefolk_server.store import Draft
from facefolk_server.store.answers import POSTPONED, TOLD_APART
from facefolk_server.types import (
    UNPLACED,
    Assignment,
    Changes,
    EventKind,
    Mark,
    MarkChange,
    MarkKind,
    PlacementChange,
)

_PERSON = "person_id"


def kind_of(question: Question, answer: Answer) -> EventKind:
    """Return the kind of event that an answer becomes."""
    is_merge = question.kind is SuggestionKind.MERGE
    if answer is Answer.LATER or (is_merge and answer is Answer.NO):
        return EventKind.SUGGESTION_ANSWERED
    if is_merge:
        return EventKind.PEOPLE_MERGED
    return EventKind.FACES_ASSIGNED if answer is Answer.YES else EventKind.FACES_MARKED


def answered(reading: Reading, question: Question, answer: Answer, *, now: datetime) -> Draft:
    """Return the event that an answer becomes.

    Raises:
        SuggestionNotFoundError: What it asks is settled.
    """
    _check_open(reading, question)
    kind = kind_of(question, answer)
    if answer is Answer.LATER:
        return Draft(kind, Changes(), {POSTPONED: question.digest})
    if question.kind is SuggestionKind.MERGE:
        return _merge(reading, question, answer, now)
    person_id, face_id = question.people[0], question.faces[0]
    if answer is Answer.NO:
        changes = marking(reading, [face_id], MarkKind.NOT_THIS_PERSON, person_id)
        return Draft(kind, changes, {KIND: MarkKind.NOT_THIS_PERSON.name})
    return Draft(kind, _confirmed(reading, question), {_PERSON: person_id})


def _check_open(reading: Reading, question: Question) -> None:
    state = reading.state
    is_open = all(person_id in state.people for person_id in question.people)
    is_open = is_open and all(map(reading.has_face, question.faces))
    if is_open and question.kind is SuggestionKind.MERGE:
        is_open = question.people not in reading.apart
        is_open = is_open and question.people[0] != question.people[1]
    elif is_open:
        is_open = _is_face_open(reading, question)
    if not is_open:
        raise no_suggestion(question.suggestion_id)


def _is_face_open(reading: Reading, question: Question) -> bool:
    """Tell whether nobody has said yet who the face in question is, or is not."""
    person_id, (face_id, *others) = question.people[0], question.faces
    placement = reading.placement(face_id)
    if any(mark.person_id in ("", person_id) for mark in reading.state.marks(face_id)):
        return False
    if question.kind is SuggestionKind.DOUBTFUL_FACE:
        return placement.person_id == person_id and placement.assignment is Assignment.AUTOMATIC
    if question.kind is SuggestionKind.OUTLIER:
        return placement.person_id is None
    if placement.assignment is Assignment.MANUAL or placement.person_id not in (
        None,
        person_id,
    ):
        return False
    return any(reading.placement(other).person_id == person_id for other in others)


def _merge(reading: Reading, question: Question, answer: Answer, now: datetime) -> Draft:
    one, other = question.people
    if answer is Answer.NO:
        detail = {TOLD_APART: json.dumps([[one, other, True]])}
        return Draft(EventKind.SUGGESTION_ANSWERED, Changes(), detail)
    state = reading.state
    target, source = sorted(
        question.people,
        key=lambda i: (
            not state.people[i].name,
            not state.people[i].told,
            -len(state.members(i)),
            i,
        ),
    )
    return merger(reading, target, [source], now=now)


def _confirmed(reading: Reading, question: Question) -> Changes:
    """Return what changes when the face is the person.

    Then other faces of the same picture are not, unless a user assigned them.
    """
    person_id, (face_id, *others) = question.people[0], question.faces
    given = assignment(reading, [face_id], person_id)
    if question.kind is not SuggestionKind.SAME_ASSET:
        return given
    refused = [
        PlacementChange(other, before, UNPLACED)
        for other in others
        if (before := reading.placement(other)).person_id == person_id
        and before.assignment is not Assignment.MANUAL
    ]
    marks = [
        MarkChange(Mark(change.face_id, MarkKind.NOT_THIS_PERSON, person_id), added=True)
        for change in refused
    ]
    placements = (*given.placements, *refused)
    all_marks = (*given.marks, *marks)
    left = people_left_empty(reading.state, placements, marks=all_marks)
    return Changes(placements, left, all_marks)
