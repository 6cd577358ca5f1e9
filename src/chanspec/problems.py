"""A mistake in a user's declarations: where it was made, what is wrong, and what to write instead.

Problems are values, collected while a contract is compiled and a document built, so that a command can print
and count them. What cannot work at all is raised instead, as a ``TypeError`` with the same three parts.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake that leaves the document correct but poorer.

    Attributes:
        where: The declaration, as ``module:Class.method``.
        what: What is wrong, without a final full stop.
        cure: What to write instead, as an imperative.
        is_error: Whether something that was declared is not served as it was declared.
    """

    where: str
    what: str
    cure: str
    is_error: bool = False

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.cure}"


def near_match(word: str, candidates: Iterable[str]) -> str:
    """Return ``", did you mean 'x'?"`` for the candidate nearest to ``word``, or an empty string."""
    folded = {each.casefold(): each for each in candidates}
    nearest = difflib.get_close_matches(word.casefold(), folded, n=1)
    return f", did you mean {folded[nearest[0]]!r}?" if nearest else ""
