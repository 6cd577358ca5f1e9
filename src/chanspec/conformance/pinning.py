"""Something that was seen, pinned down: shown again on a new connection, by as little as it takes.

Most things are shown by one message, which is made smaller. What depends on what went before is shown by those messages
in their order; what does not show again at all is reported with them.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeAlias

from chanspec.conformance.budget import BudgetSpentError
from chanspec.conformance.judge import Verdict
from chanspec.conformance.minimise import minimised
from chanspec.conformance.samples import Expectation, Sample, Samples, encoded

__all__ = ["Attempt", "Pinning"]

SECONDS = 4.0
TRIES = 80
_SILENCES = ("no reply", "invalid accepted", "does not work afterwards")


class Attempt(Protocol):
    """Sends a message and judges what comes."""

    def __call__(
        self, samples: Samples, sample: Sample, *, fresh: bool = False, hurried: bool = False
    ) -> Awaitable[list[Verdict]]:
        """Send it, on a new connection if ``fresh``; if ``hurried``, wait for nothing that may not come."""
        ...


SampleOf: TypeAlias = Callable[[str], tuple[Samples, Sample] | None]


class Pinning:
    """Pins one verdict down.

    Args:
        attempt: Sends a message.
        samples: The action's.
        sample: The message that showed it.
        verdict: What was seen.
        history: The texts that were sent on the same connection, that message last.
        sample_of: Which action's message a text is; None for one that is no message.
    """

    def __init__(
        self,
        attempt: Attempt,
        samples: Samples,
        sample: Sample,
        verdict: Verdict,
        history: Sequence[str],
        sample_of: SampleOf,
    ) -> None:
        self._attempt = attempt
        self._samples = samples
        self._sample = sample
        self._verdict = verdict
        self._history = history
        self._sample_of = sample_of
        self._end = time.monotonic() + SECONDS
        self._shown_by: dict[str, Verdict] = {}

    async def pinned(self) -> tuple[Verdict, tuple[str, ...]]:
        """The verdict as it is shown by the least that shows it, and the texts of that."""
        # Of silence, waiting once is enough before the message is made smaller.
        if await self._shows(self._sample.value, hurried=self._verdict.kind in _SILENCES):
            smallest = await minimised(self._sample.value, self._shows, TRIES)
            if not await self._shows(smallest, hurried=False):
                smallest = self._sample.value
            text = encoded(smallest)
            return self._shown_by[text], (text,)
        return self._verdict, await self._sequence()

    async def _shows(self, value: Any, *, hurried: bool = True) -> bool:
        """Whether a message of the same sort shows it on a connection of its own."""
        if hurried and time.monotonic() > self._end:
            return False
        try:
            sample = self._samples.of(value, self._sample.what)
        except BudgetSpentError:
            return False
        if (sample.expectation is Expectation.INVALID) != (self._sample.expectation is Expectation.INVALID):
            return False
        if self._sample.expectation is Expectation.ODD:
            sample = Sample(value, Expectation.ODD, sample.what)
        for each in await self._attempt(self._samples, sample, fresh=True, hurried=hurried):
            if each.key == self._verdict.key:
                self._shown_by[encoded(value)] = each
                return True
        return False

    async def _sequence(self) -> tuple[str, ...]:
        """As few of the messages before as it takes; all of them where it does not show again."""
        texts = tuple(each for each in self._history if self._sample_of(each) is not None) or (self._sample.text,)
        if len(texts) < 2 or not await self._is_shown_by(texts):
            return texts
        for text in texts[:-1]:
            fewer = tuple(each for each in texts if each is not text)
            if time.monotonic() > self._end:
                break
            if await self._is_shown_by(fewer):
                texts = fewer
        return texts

    async def _is_shown_by(self, texts: Sequence[str]) -> bool:
        verdicts: list[Verdict] = []
        for index, text in enumerate(texts):
            if (found := self._sample_of(text)) is not None:
                verdicts = await self._attempt(*found, fresh=index == 0, hurried=True)
        return any(each.key == self._verdict.key for each in verdicts)
