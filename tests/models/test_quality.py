"""The figures of `docs/quality.md`, so that none of them gets worse unseen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path

import pytest
from facefolk_server.clustering import RoundParameters
from facefolk_server.types import RoundMode
from facefolk_server.vision.calibration import calibration_of
from facefolk_server.vision.pipeline import Pipeline

from bench.quality.albums import load_albums
from bench.quality.bridges import BridgeScores, judge_bridges, settings_of
from bench.quality.calibration import judge_calibration
from bench.quality.embedded import Faces, embed
from bench.quality.ours import missing_rounds, one_round
from bench.quality.pairs import FALSE_RATES, judge_pairs
from bench.quality.scores import Scores, score
from bench.quality.variants import VARIANTS, named_settings

pytestmark = [pytest.mark.models, pytest.mark.slow]
MIN_SCORE = 0.7

Embedded = Callable[..., Faces]


@pytest.fixture(scope="module")
def embedded(
    photos: Path, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Embedded:
    """Embeds an album with a pack, once."""
    kept = tmp_path_factory.mktemp("faces")

    @cache
    def find(album: str, pack: str, variant: str = "plain") -> Faces:
        (pictures,) = load_albums(photos, [album])
        pipeline: Pipeline = request.getfixturevalue(f"{pack}_pipeline")
        changed = VARIANTS[variant].change(pictures)
        return embed(changed, pipeline, cache_dir=kept, min_score=MIN_SCORE)

    return find


@pytest.fixture(scope="module")
def judged(embedded: Embedded, request: pytest.FixtureRequest) -> Callable[..., Scores]:
    """Scores of rounds over an album at a distance, under a setting by its name."""

    def judge(
        album: str,
        pack: str,
        distance: float,
        *,
        setting: str = "guard",
        missing: bool = False,
        variant: str = "plain",
    ) -> Scores:
        faces = embedded(album, pack, variant)
        pipeline: Pipeline = request.getfixturevalue(f"{pack}_pipeline")
        given = named_settings(pipeline.pack, [setting])[setting](distance)
        parameters = partial(_parameters, distance=distance, given=given)
        groups = (missing_rounds if missing else one_round)(faces, parameters)
        return score(groups, faces.labels, minimum=3)

    return judge


def _parameters(mode: RoundMode, *, distance: float, given: dict) -> RoundParameters:
    return RoundParameters(mode, distance, 3, one_face_per_asset=True, **given)


@pytest.mark.parametrize(
    ("distance", "least"), [(0.45, 0.985), (0.5, 0.99), (0.55, 0.99), (0.6, 0.99)]
)
def test_lfw_with_open(judged: Callable[..., Scores], distance: float, least: float) -> None:
    found = judged("lfw", "open", distance)
    assert found.ari >= least
    assert found.wrong <= 3
    assert found.mixed == 0
    if distance == 0.5:
        assert found.listed <= 84
    gated = judged("lfw", "open", distance, setting="guard and gate")
    assert gated.ari >= least - 0.0005
    assert gated.listed < found.listed


@pytest.mark.parametrize("distance", [0.35, 0.4, 0.45, 0.5, 0.55, 0.6])
def test_orl_with_open(judged: Callable[..., Scores], distance: float) -> None:
    found = judged("orl", "open", distance)
    assert found.ari >= (0.99 if distance == 0.5 else 0.97)
    assert (found.wrong, found.mixed) == (0, 0)
    # What plain growth makes of it is DBSCAN's, and it mixes people from 0.5 on.
    plain = judged("orl", "open", distance, setting="plain")
    assert (plain.mixed > 0) == (distance >= 0.5)


def test_orl_as_pictures_come_in(judged: Callable[..., Scores]) -> None:
    found = judged("orl", "open", 0.5, missing=True)
    assert found.ari >= 0.97
    assert found.mixed == 0


@pytest.mark.parametrize(
    ("distance", "least"),
    [(0.035, 0.94), (0.04, 0.96), (0.045, 0.99), (0.05, 0.99), (0.055, 0.99), (0.06, 0.99)],
)
def test_orl_with_dlib(judged: Callable[..., Scores], distance: float, least: float) -> None:
    found = judged("orl", "dlib", distance)
    assert found.ari >= least
    assert (found.wrong, found.mixed) == (0, 0)


@pytest.mark.nightly
@pytest.mark.parametrize(("distance", "least"), [(0.05, 0.96), (0.055, 0.98), (0.06, 0.985)])
def test_lfw_with_dlib(judged: Callable[..., Scores], distance: float, least: float) -> None:
    found = judged("lfw", "dlib", distance)
    assert found.ari >= least
    assert found.wrong <= 3
    assert found.mixed == 0


@pytest.mark.parametrize(
    ("album", "pack", "distance"),
    [
        *(("orl", "open", distance) for distance in (0.4, 0.5, 0.6)),
        *(("lfw", "open", distance) for distance in (0.4, 0.5, 0.6)),
        *(("orl", "dlib", distance) for distance in (0.04, 0.05, 0.06)),
        *(
            pytest.param("lfw", "dlib", distance, marks=pytest.mark.nightly)
            for distance in (0.045, 0.05, 0.055)
        ),
    ],
)
def test_bridges_between_real_people(
    embedded: Embedded, request: pytest.FixtureRequest, album: str, pack: str, distance: float
) -> None:
    found = _bridged(embedded(album, pack), request, pack, distance)
    assert found.pairs == 50
    assert found.between > 0
    assert (found.merged, found.mixed, found.unlisted) == (0, 0, 0), asdict(found)


def test_bridges_of_other_draws_merge_nobody(
    embedded: Embedded, request: pytest.FixtureRequest
) -> None:
    found = _bridged(embedded("orl", "open"), request, "open", 0.5, draws=12)
    assert found.pairs == 600
    assert (found.merged, found.unlisted) == (0, 0), asdict(found)
    assert found.mixed <= 2


def _bridged(
    faces: Faces, request: pytest.FixtureRequest, pack: str, distance: float, draws: int = 1
) -> BridgeScores:
    pipeline: Pipeline = request.getfixturevalue(f"{pack}_pipeline")
    given = named_settings(pipeline.pack, ["guard"])["guard"](distance)
    return judge_bridges(
        faces.embeddings[faces.known],
        faces.labels[faces.known],
        RoundParameters(RoundMode.ALL, distance, 3, **given),
        settings=settings_of(pipeline.pack, distance, 3),
        draws=draws,
    )


@pytest.mark.parametrize("distance", [0.5, 0.55, 0.6])
def test_the_gate_costs_no_recall(judged: Callable[..., Scores], distance: float) -> None:
    without, gated = (
        judged("orl", "open", distance, setting=setting, variant="degraded")
        for setting in ("guard", "guard and gate")
    )
    assert gated.recall >= without.recall
    assert gated.wrong < without.wrong / 4


def test_distances_tell_people_apart_and_how_likely(embedded: Embedded) -> None:
    faces = embedded("lfw", "open")
    rates = dict(zip(FALSE_RATES, judge_pairs(faces, [0.5]).true_rates, strict=True))
    assert rates[1e-4] >= 0.95
    curve = calibration_of("open", recommended_distance=0.5)
    assert judge_calibration(faces, curve).error < 0.02
    portraits = embedded("orl", "dlib")
    curve = calibration_of("dlib", recommended_distance=0.05)
    assert judge_calibration(portraits, curve).brier < 0.03
