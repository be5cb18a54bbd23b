"""Property tests that draw more where there is time for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import settings

Test = TypeVar("Test", bound=Callable[..., object])
QUICK_SHARE = 3


def drawn(examples: int) -> Callable[[Test], Test]:
    """Draw so many examples in `make test-slow`, and a third of them in `make test`."""
    thorough = settings.get_current_profile_name() == "thorough"
    count = examples if thorough else max(1, examples // QUICK_SHARE)

    def decorate(test: Test) -> Test:
        return pytest.mark.drawn(settings(max_examples=count)(test))

    return decorate
