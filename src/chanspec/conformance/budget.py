"""What a document may cost a run: steps for each of its messages, and the time of the whole run.

A document of a few lines can ask for messages of any size, or for more work than anybody has time for. All that makes
and judges messages says here what it does, before it does it. What cannot be interrupted is bounded beforehand.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

__all__ = ["LARGEST_MESSAGE", "STEPS", "Account", "Budget", "BudgetSpentError", "TimeUpError"]

STEPS = 1_000_000
"""How much work making the messages of one action may be. In the golden documents of the tests, 50,000 is the most."""

READING_STEPS = 3_000_000
"""How much work reading the document may be."""

LARGEST_MESSAGE = 200_000
"""How many characters a message has at most: far more than a document has a reason to ask for."""


class BudgetSpentError(Exception):
    """Something is more work than it may be; the text says what, without a final full stop."""


class TimeUpError(BudgetSpentError):
    """The time of the run is over."""


class Account:
    """The steps that are left for one thing.

    Attributes:
        purpose: What they are for, as a phrase: ``making its messages``.
        error: What it was stopped with; None while there is something left.
    """

    def __init__(self, purpose: str, steps: int = STEPS) -> None:
        self.purpose = purpose
        self.steps = steps
        self.left = steps
        self.error: BudgetSpentError | None = None

    @property
    def taken(self) -> int:
        return self.steps - self.left


class Budget:
    """Whose steps are counted at the moment, and whether there is time.

    Args:
        seconds: How long the run may take.
        is_stopped: Whether it is to end before.
    """

    def __init__(self, seconds: float = float("inf"), is_stopped: Callable[[], bool] = lambda: False) -> None:
        self.end = time.monotonic() + seconds
        self.is_stopped = is_stopped
        self.account: Account | None = None  # what nobody pays for is bounded in itself

    @property
    def seconds_left(self) -> float:
        return 0.0 if self.is_stopped() else max(0.0, self.end - time.monotonic())

    @contextmanager
    def paid_by(self, account: Account) -> Iterator[None]:
        """Count steps against an account."""
        before, self.account = self.account, account
        try:
            yield
        finally:
            self.account = before

    def stop(self, error: BudgetSpentError) -> NoReturn:
        """Raise an error, which the account remembers: whoever draws values may not let it through."""
        if self.account is not None and self.account.error is None:
            self.account.error = error
        raise error

    def spend(self, steps: int = 1) -> None:
        """Take steps.

        Raises:
            BudgetSpentError: There are not so many left. It is the same error from then on.
            TimeUpError: The time of the run is over.
        """
        account = self.account
        if account is None:
            return
        if account.error is None:
            account.left -= steps
            if account.left < 0:
                account.error = BudgetSpentError(f"{account.purpose} takes more than {account.steps:,} steps")
            elif self.seconds_left <= 0:
                account.error = TimeUpError(f"the time was up while {account.purpose}")
        if account.error is not None:
            raise account.error
