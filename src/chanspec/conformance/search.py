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

from chanspec.conformance.budget import BudgetSpentError

__all__ = ["search"]

HEALTH: list[Any] = list(HealthCheck)  # all of it: a document's schemas are what they are


def search(
    strategy: st.SearchStrategy[Any], has_effect: Callable[[Any], bool], examples: int, random: Random, *, shrink: bool
) -> None:
    """Draw values until one has the effect, and with ``shrink`` look for the smallest that has it.

    Whoever asks remembers what was seen: an effect that does not show every time would otherwise be lost. A budget that
    is spent while values are drawn ends the search, and whoever's it is asks the account: Hypothesis draws a failure
    anew before it reports it, and may find it flaky.

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
    # Nothing was found, or not every time; or the budget was spent, or the types lead to each other too deeply.
    with warnings.catch_warnings(), suppress(HypothesisException, BudgetSpentError, RecursionError):
        warnings.simplefilter("ignore", HypothesisWarning)
        find(strategy, has_effect, settings=quiet, random=random)
