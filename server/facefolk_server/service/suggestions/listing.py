"""All questions about a library, those first whose answers settle most."""

from __future__ import annotations

from collections.abc import Mapping

from facefolk_server.service.paging import SortKey
from facefolk_server.service.reading import Reading
from facefolk_server.service.suggestions.album import Album
from facefolk_server.service.suggestions.doubts import doubtful_faces
from facefolk_server.service.suggestions.outliers import outliers_like_someone
from facefolk_server.service.suggestions.pairs import probable_merges
from facefolk_server.service.suggestions.pictures import twice_in_a_picture
from facefolk_server.service.suggestions.questions import Suggestion, SuggestionKind
from facefolk_server.store.answers import Pair

_KINDS = (
    SuggestionKind.MERGE,
    SuggestionKind.SAME_ASSET,
    SuggestionKind.OUTLIER,
    SuggestionKind.DOUBTFUL_FACE,
)


def all_suggestions(album: Album, links: Mapping[Pair, float]) -> list[Suggestion]:
    """Return the questions that the faces raise, one for each; blocking.

    `links` are people whom rounds would have joined, with the distance.
    """
    found: dict[str, Suggestion] = {}
    for suggestion in (
        *probable_merges(album, links),
        *twice_in_a_picture(album),
        *outliers_like_someone(album),
        *doubtful_faces(album),
    ):
        found.setdefault(suggestion.question.suggestion_id, suggestion)
    return sorted(found.values(), key=rank)


def rank(suggestion: Suggestion) -> SortKey:
    """Return what suggestions are sorted by: faces settled, then how likely it seems."""
    question = suggestion.question
    doubt = question.kind is SuggestionKind.DOUBTFUL_FACE
    return (
        -suggestion.faces_settled,
        _KINDS.index(question.kind),
        -suggestion.distance if doubt else suggestion.distance,
        question.suggestion_id,
    )


def links_of(reading: Reading) -> dict[Pair, float]:
    """Return the people whom rounds would have joined, by those they were merged into."""
    found: dict[Pair, float] = {}
    for pair, distance in reading.state.answers.links.items():
        heirs = reading.heirs_of(pair)
        if heirs is not None:
            found[heirs] = min(distance, found.get(heirs, distance))
    return found
