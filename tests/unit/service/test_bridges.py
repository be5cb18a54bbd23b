"""Faces between two people, made on purpose: what a round makes of them, and what is asked."""

from __future__ import annotations

from collections import Counter

import numpy as np
from facefolk_server.service.admin import SettingsFields
from facefolk_server.service.paging import PageRequest
from facefolk_server.service.suggestions.questions import SuggestionKind
from facefolk_server.types import RoundMode
from facefolk_server.vision.embedders.embedder import normalize
from unit.service.world import CALL, FakePack, Seen, World

from bench.quality.bridges import build_bridges

PEOPLE, FACES, LENGTH, DISTANCE = 12, 6, 128, 0.5


def made() -> tuple[np.ndarray, np.ndarray]:
    """People with six faces each, about 0.3 apart from their own."""
    random = np.random.default_rng(4)
    labels = np.repeat(np.arange(PEOPLE), FACES)
    middles = random.normal(size=(PEOPLE, LENGTH))
    noise = random.normal(size=(len(labels), LENGTH))
    return normalize((middles[labels] + 0.65 * noise).astype(np.float32)), labels


async def submit(world: World, name: str, vectors: np.ndarray) -> list[str]:
    ids = []
    for number, vector in enumerate(vectors.tolist()):
        reply = await world.submit(f"{name}-{number}.jpg", Seen(10, vector))
        ids.append(reply.faces[0].view.face.face_id)
    return ids


async def test_no_bridge_merges_anybody_and_each_is_asked_about(world: World) -> None:
    world.source.pipelines["open"].pack = FakePack("open", "digest of open", dimension=LENGTH)
    await world.admin.update_settings(CALL, SettingsFields(chain_guard=True))
    faces, labels = made()
    bridges, between = build_bridges(faces, labels, pairs=15)
    own = await submit(world, "own", faces)
    linking = await submit(world, "bridge", bridges)
    await world.round(RoundMode.ALL)
    placed = await world.placed()
    held = [
        Counter(placed[own[row]] for row in np.flatnonzero(labels == who))
        for who in range(PEOPLE)
    ]
    people = [counts.most_common(1)[0][0] for counts in held]
    assert all(len(counts) == 1 for counts in held)
    assert len(set(people)) == PEOPLE
    page = await world.suggestions.list_suggestions(
        CALL, PageRequest(1000), kind=SuggestionKind.MERGE
    )
    asked = {frozenset(one.question.people): one.faces_shown for one in page.items}
    near = 1 - bridges.astype(np.float64) @ faces.astype(np.float64).T
    linked = 0
    for bridge, sides in enumerate(between.tolist()):
        if all((near[bridge, labels == who] <= DISTANCE).any() for who in sides):
            linked += 1
            who = placed[linking[bridge]]
            others = {people[side] for side in sides} - {who}
            shown = [asked.get(frozenset((who, other)), ()) for other in others]
            assert any(linking[bridge] in faces for faces in shown)
    assert linked > 0.8 * len(bridges)
