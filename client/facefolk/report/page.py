"""Contact sheets and questions as pages of HTML that need nothing else."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any, Final

from facefolk.errors import MissingExtraError, UsageError
from facefolk.report.sheet import Picture, QuestionPage, Sheet
from facefolk.report.spread import Spread

_SHEET: Final = "page.html.jinja"
_QUESTION: Final = "question.html.jinja"
_FINE: Final = 0.1


def render_sheet(sheet: Sheet) -> str:
    """Return the page.

    Raises:
        MissingExtraError: `pip install 'facefolk[report]'` has not been done.
    """
    return str(_template(_SHEET).render(sheet=sheet))


def render_question(question: QuestionPage) -> str:
    """Return the page.

    Raises:
        MissingExtraError: `pip install 'facefolk[report]'` has not been done.
    """
    return str(_template(_QUESTION).render(question=question))


def write_sheet(sheet: Sheet, path: Path) -> None:
    """Write the page, making the folder where it is missing.

    Raises:
        MissingExtraError: `pip install 'facefolk[report]'` has not been done.
        UsageError: the file cannot be written.
    """
    write_page(render_sheet(sheet), path)


def write_page(text: str, path: Path) -> None:
    """Write a page, making the folder where it is missing.

    Raises:
        UsageError: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from error


def require_report() -> None:
    """Raise MissingExtraError if pages cannot be made."""
    _template(_SHEET)


def _template(name: str) -> Any:
    try:
        import jinja2
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"Pages of pictures need {error.name}: pip install 'facefolk[report]'."
        ) from error
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("facefolk.report", ""),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["data_uri"] = _data_uri
    environment.filters["gauge"] = _gauge
    environment.filters["distance"] = distance_text
    environment.filters["count"] = _count
    return environment.get_template(name)


def _data_uri(picture: Picture) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(picture.image).decode("ascii")


def _gauge(spread: Spread, max_distance: float) -> dict[str, float]:
    """Return percentages of a scale that ends at twice the largest distance allowed."""
    end = 2 * max_distance or 1.0
    return {
        "median": round(min(1.0, spread.median / end) * 100, 1),
        "largest": round(min(1.0, spread.largest / end) * 100, 1),
    }


def distance_text(distance: float, max_distance: float) -> str:
    """Return a distance with the digits that tell something where this is the largest."""
    return f"{distance:.{2 if max_distance > _FINE else 3}f}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
