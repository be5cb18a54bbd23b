"""What to think over about settings, in sentences."""

from __future__ import annotations

from facefolk_server.types import RecognitionSettings

# The bounds are those of design section 6.
LOW_SCORE = 0.5
HIGH_SCORE = 0.9
LOW_DISTANCE_FACTOR = 0.6
HIGH_DISTANCE_FACTOR = 1.4
DEFAULT_MIN_FACES = 3


def advise(
    settings: RecognitionSettings, *, recommended_score: float, recommended_distance: float
) -> tuple[str, ...]:
    """Return what an operator should think over; empty where nothing is unusual."""
    return (
        *_about_score(settings, recommended_score),
        *_about_distance(settings, recommended_distance),
        *_about_faces(settings, recommended_score, recommended_distance),
    )


def _about_score(settings: RecognitionSettings, recommended: float) -> list[str]:
    score = settings.min_detection_score
    if score is None:
        return []
    if score < LOW_SCORE:
        return [
            f"min_detection_score {score:g} is below {LOW_SCORE:g}: many detections will not "
            f"be faces. The pack's own is {recommended:g}."
        ]
    if score >= HIGH_SCORE:
        return [
            f"min_detection_score {score:g} is {HIGH_SCORE:g} or more: many faces will be "
            f"missed. The pack's own is {recommended:g}."
        ]
    return []


def _about_distance(settings: RecognitionSettings, recommended: float) -> list[str]:
    distance = settings.max_recognition_distance
    if distance is None:
        return []
    low, high = LOW_DISTANCE_FACTOR * recommended, HIGH_DISTANCE_FACTOR * recommended
    # A hair's breadth for values that passed through float32.
    if distance < low - 1e-6:
        return [
            f"max_recognition_distance {distance:g} is below {low:g}: one person will often "
            f"become several. The pack's own is {recommended:g}."
        ]
    if distance > high + 1e-6:
        return [
            f"max_recognition_distance {distance:g} is above {high:g}: different people will "
            f"often become one. The pack's own is {recommended:g}."
        ]
    return []


def _about_faces(
    settings: RecognitionSettings, recommended_score: float, recommended_distance: float
) -> list[str]:
    fewest = settings.min_recognized_faces
    if fewest == 1:
        return [
            "min_recognized_faces is 1: every face is a core one, single faces become people, "
            "and a chain of look-alikes can join two people."
        ]
    if fewest > DEFAULT_MIN_FACES:
        return []
    score, distance = settings.min_detection_score, settings.max_recognition_distance
    advice = []
    if distance is not None and distance > recommended_distance + 1e-6:
        advice.append(
            f"max_recognition_distance is above the pack's own {recommended_distance:g}: "
            f"raise min_recognized_faces above {fewest} with it, so that chance neighbors "
            "do not join people."
        )
    if score is not None and score < recommended_score - 1e-6:
        advice.append(
            f"min_detection_score is below the pack's own {recommended_score:g}: raise "
            f"min_recognized_faces above {fewest} with it, so that false detections do not "
            "become people."
        )
    return advice
