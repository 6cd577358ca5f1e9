"""Hypothesis, asked for values with a certain effect: seeded, quiet, and remembering nothing between runs."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException, HypothesisWarning

__all__ = ["search"]

HEALTH: list[Any] = list(HealthCheck)  # all of it: a document's schemas are what they are


def search(
    strategy: st.SearchStrategy[Any], has_effect: Callable[[Any], bool], examples: int, random: Random, *, shrink: bool
) -> None:
    """Draw values until one has the effect, and with ``shrink`` look for the smallest that has it.

    Whoever asks remembers what was seen: an effect that does not show every time would otherwise be lost.

    Args:
        strategy: Makes the values.
        has_effect: Judges one.
        examples: How many are drawn at most, besides those of the shrinking.
        random: Where they come from.
        shrink: Whether the first one that has the effect is not enough.
    """
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    quiet = settings(
        max_examples=max(1, examples),
        phases=phases,
        database=None,
        deadline=None,
        derandomize=False,
        suppress_health_check=HEALTH,
    )
    with warnings.catch_warnings(), suppress(HypothesisException):  # nothing was found, or not every time
        warnings.simplefilter("ignore", HypothesisWarning)
        find(strategy, has_effect, settings=quiet, random=random)
