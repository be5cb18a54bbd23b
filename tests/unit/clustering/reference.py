"""Section 5 of the design written down once more: slowly, and in its own order of words.

Everything is a dict or a set of face ids and nothing is shared with the code under test. The
rules for tracks are those of `facefolk_server.clustering.tracks`, which the design leaves
open; the rest is the design's.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from facefolk_server.types import Reason


@dataclass
class NaiveFace:
    face_id: str
    asset_id: str
    embedding: list[float]
    person_id: str | None = None
    manual: bool = False
    barred: frozenset[str] = frozenset()
    not_a_face: bool = False
    stranger: bool = False
    frame: int = 0
    quality: float = 0.0


@dataclass
class NaiveResult:
    people: dict[str, str | None] = field(default_factory=dict)
    core: dict[str, bool] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, Reason] = field(default_factory=dict)
    created: set[str] = field(default_factory=set)
    deferred: set[str] = field(default_factory=set)
    pruned: set[tuple[str, str]] = field(default_factory=set)
    links: set[frozenset[str]] = field(default_factory=set)


@dataclass
class Unit:
    """What enters the round: a face, or a track through the face that stands for it."""

    face: NaiveFace
    members: list[NaiveFace]
    person: str | None
    manual: bool
    former: str | None
    barred: frozenset[str]

    @property
    def key(self) -> str:
        return self.face.face_id


@dataclass
class Group:
    units: set[str]
    person: str | None
    barred: set[str]
    former: set[str]


def distance(f: NaiveFace, g: NaiveFace) -> float:
    if f.face_id == g.face_id:
        return 0.0
    return 1.0 - math.fsum(a * b for a, b in zip(f.embedding, g.embedding, strict=True))


class NaiveRound:
    def __init__(self, faces: list[NaiveFace], *, all_faces: bool, e: float, m: int) -> None:
        self.faces = sorted(faces, key=lambda f: f.face_id)
        self.by_id = {f.face_id: f for f in faces}
        self.all_faces = all_faces
        self.e = e
        self.m = m
        self.known: dict[tuple[str, str], float] = {}
        self.before = {f.face_id: f.person_id for f in faces}
        self.person = {
            f.face_id: None if all_faces and not f.manual else f.person_id for f in faces
        }
        self.queue = {
            f.face_id
            for f in faces
            if self.person[f.face_id] is None and not f.not_a_face and not f.stranger
        }
        self.result = NaiveResult()

    def d(self, f: str, g: str) -> float:
        pair = (f, g) if f < g else (g, f)
        if pair not in self.known:
            self.known[pair] = distance(self.by_id[f], self.by_id[g])
        return self.known[pair]

    def near(self, f: str, g: str) -> bool:
        return self.d(f, g) <= self.e

    def able(self, f: str) -> bool:
        """Whether a face may be core at all, and counts for others."""
        return True

    def run(self, *, one_face_per_asset: bool) -> NaiveResult:
        self.make_units()
        self.find_core()
        self.grow()
        if self.all_faces:
            self.inherit()
        self.create()
        self.defer()
        self.follow()
        if one_face_per_asset:
            self.prune()
        self.name_new_people()
        self.report()
        return self.result

    # Tracks

    def make_units(self) -> None:
        self.units: dict[str, Unit] = {}
        for track in self.tracks():
            entering = [f for f in track if not f.stranger] or track
            best = min(entering, key=lambda f: (-f.quality, f.face_id))
            people = {self.person[f.face_id] for f in track} - {None}
            assert len(people) <= 1
            formers = Counter(
                p for f in track if not f.manual and (p := self.before[f.face_id]) is not None
            )
            former = min(formers, key=lambda p: (-formers[p], p)) if formers else None
            self.units[best.face_id] = Unit(
                face=best,
                members=track,
                person=max(people, default=None),
                manual=any(f.manual for f in track),
                former=former if self.all_faces else None,
                barred=best.barred,
            )

    def tracks(self) -> list[list[NaiveFace]]:
        taking_part = [f for f in self.faces if not f.not_a_face]
        track = {f.face_id: {f.face_id} for f in taking_part}
        pairs = sorted(
            (self.d(f.face_id, g.face_id), f.face_id, g.face_id)
            for i, f in enumerate(taking_part)
            for g in taking_part[i + 1 :]
            if f.asset_id == g.asset_id and f.frame != g.frame and f.barred == g.barred
        )
        for apart, f, g in pairs:
            joined = track[f] | track[g]
            people = {self.person[x] for x in joined} - {None}
            frames = {self.by_id[x].frame for x in joined}
            if apart <= self.e / 2 and len(people) <= 1 and len(frames) == len(joined):
                for x in joined:
                    track[x] = joined
        seen: set[str] = set()
        found = []
        for f in taking_part:
            if f.face_id not in seen:
                seen |= track[f.face_id]
                found.append([self.by_id[x] for x in sorted(track[f.face_id])])
        return found

    # Steps

    def find_core(self) -> None:
        self.count = {
            u: sum(self.near(u, v) and self.able(v) for v in self.units if v != u) + 1
            for u in self.units
        }
        self.core = {u for u in self.units if self.count[u] >= self.m and self.able(u)}
        self.q = {
            u for u, unit in self.units.items() if unit.person is None and u in self.queue
        }
        self.lender = {
            u: unit.person
            for u, unit in self.units.items()
            if unit.person is not None and (unit.manual or u in self.core)
        }

    def grow(self) -> None:
        group: dict[str, Group] = {
            u: Group({u}, person, set(), set()) for u, person in self.lender.items()
        }
        for u in self.q & self.core:
            unit = self.units[u]
            group[u] = Group({u}, None, set(unit.barred), {unit.former} - {None})
        pairs = sorted(
            (self.d(f, g), f, g)
            for f in group
            for g in group
            if f < g and (f in self.q or g in self.q) and self.near(f, g)
        )
        self.group = group
        refused = []
        for _, f, g in pairs:
            a, b = group[f], group[g]
            if a is b:
                continue
            if a.person and b.person and a.person != b.person:
                refused.append((f, g))
                continue
            if self.bars(a, b) or self.bars(b, a) or self.refuses(a, b, f, g):
                continue
            whole = Group(
                a.units | b.units,
                a.person or b.person,
                a.barred | b.barred,
                a.former | b.former,
            )
            for u in whole.units:
                group[u] = whole
        self.grown()
        self.suggest(refused)
        self.groups = sorted(
            {id(g): g for g in group.values()}.values(), key=lambda g: min(g.units)
        )

    def refuses(self, a: Group, b: Group, f: str, g: str) -> bool:
        """Whether a guard keeps two groups apart that f and g would join."""
        return False

    def grown(self) -> None:
        """What a guard does when growth is over."""

    def bars(self, a: Group, b: Group) -> bool:
        return bool(a.barred & ({b.person} | b.former))

    def suggest(self, refused: list[tuple[str, str]]) -> None:
        linked: dict[str, str] = {}

        def find(p: str) -> str:
            while linked.get(p, p) != p:
                p = linked[p]
            return p

        for f, g in refused:
            people = [self.group[f].person, self.group[g].person]
            first, second = map(find, people)
            if first != second:
                linked[first] = second
                self.result.links.add(frozenset(people))

    def core_of(self, group: Group) -> set[str]:
        return group.units & self.core & self.q

    def inherit(self) -> None:
        had = Counter(unit.person or unit.former for unit in self.units.values())
        taken: set[str] = set()
        wishes = []
        for i, group in enumerate(self.groups):
            if group.person is not None:
                continue
            members = self.core_of(group)
            shared = Counter(self.units[u].former for u in members)
            for person, number in shared.items():
                if person is None or person in group.barred:
                    continue
                if 2 * number >= len(members) or 2 * number >= had[person]:
                    wishes.append((-number, person, min(members), i))
        for _, person, _, i in sorted(wishes):
            if self.groups[i].person is None and person not in taken:
                self.groups[i].person = person
                taken.add(person)

    def create(self) -> None:
        self.reason = {}
        for group in self.groups:
            if group.person is not None:
                continue
            members = self.core_of(group)
            if any(self.units[u].barred for u in members) and len(members) < self.m:
                self.reason |= dict.fromkeys(members, Reason.MARKED)
                continue
            group.person = f"new:{min(members)}"
            self.result.created.add(group.person)
        self.got = {
            u: group.person
            for group in self.groups
            for u in self.core_of(group)
            if group.person is not None
        }

    def defer(self) -> None:
        lenders = self.lender | self.got
        for u in sorted(self.q - self.core):
            near = sorted(
                (self.d(u, g), g)
                for g, person in lenders.items()
                if self.near(u, g) and person not in self.units[u].barred
            )
            if near:
                self.got[u] = lenders[near[0][1]]
                self.result.deferred |= {
                    f.face_id for f in self.units[u].members if f.face_id in self.queue
                }
            else:
                self.reason[u] = Reason.OUTLIER

    def follow(self) -> None:
        self.end = dict(self.person)
        for u, unit in self.units.items():
            person = self.got.get(u, unit.person)
            for f in unit.members:
                if f.face_id in self.queue:
                    self.end[f.face_id] = person
                    if person is None:
                        self.result.reasons[f.face_id] = self.reason[u]

    def prune(self) -> None:
        pictures = defaultdict(list)
        for f in self.faces:
            person = self.end[f.face_id]
            if person is not None:
                pictures[person, f.asset_id, f.frame].append(f)
        goes = []
        for (person, asset, _), found in pictures.items():
            added = [f for f in found if not f.manual and self.person[f.face_id] != person]
            if len(found) == len(added):
                elsewhere = [
                    g.face_id
                    for g in self.faces
                    if self.end[g.face_id] == person and g.asset_id != asset
                ]
                stays = min(
                    added,
                    key=lambda f: (
                        min((self.d(f.face_id, g) for g in elsewhere), default=math.inf),
                        f.face_id,
                    ),
                )
                added.remove(stays)
            goes += [(f.face_id, person) for f in added]
        for f, person in goes:
            self.end[f] = None
            self.result.reasons[f] = Reason.SAME_ASSET
            self.result.pruned.add((f, person))

    def name_new_people(self) -> None:
        named = {}
        for key in self.result.created:
            members = [f for f, person in self.end.items() if person == key]
            named[key] = f"new:{min(members)}"
        self.result.created = set(named.values())
        self.end = {f: named.get(p or "", p) for f, p in self.end.items()}
        self.result.pruned = {(f, named.get(p, p)) for f, p in self.result.pruned}
        self.result.links = {
            frozenset(named.get(p, p) for p in link) for link in self.result.links
        }

    def report(self) -> None:
        result = self.result
        result.people = self.end
        for u, unit in self.units.items():
            for f in unit.members:
                result.core[f.face_id] = u in self.core
                result.counts[f.face_id] = self.count[u]
        for f in self.faces:
            result.core.setdefault(f.face_id, False)
            result.counts.setdefault(f.face_id, 0)
            result.reasons.setdefault(f.face_id, Reason.NONE)
