"""The connections to one channel, one after the other: opened when needed, kept while they work, and not overfed."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any

from chanspec.conformance.crashes import Crash, Crashes
from chanspec.conformance.document import Action, Channel
from chanspec.conformance.judge import Judge
from chanspec.conformance.link import Link, Outcome, Probe, Wanted, parsed
from chanspec.conformance.transport import Closed, Frame, RefusedError, Target, TargetError
from chanspec.terminal import shown

__all__ = ["Line", "NotTestableError"]

MAX_HISTORY = 20
PROBES = 3
FEWEST = 3  # messages a connection
PAUSE_SECONDS = 1.1
POLICY = frozenset({1008, 4008})  # how servers close on clients that send too fast
UNKNOWN_ACTION = "chanspec-no-such-action"


class NotTestableError(Exception):
    """The channel cannot be tested; the text says why, and what to do."""


class Line:
    """The way to one channel.

    Attributes:
        arrivals: What came on new connections before anything was sent, not yet judged.
        left_with: What failed when connections were left, not yet judged.
        history: What was sent on the present connection, the oldest first.
    """

    def __init__(self, target: Target, path: str, channel: Channel, judge: Judge, crashes: Crashes, seconds: float):
        self._target = target
        self._path = path
        self._channel = channel
        self._judge = judge
        self._crashes = crashes
        self._seconds = seconds
        self._link: Link | None = None
        self._probe: Probe | None = None
        self._budget: int | None = None
        self._pause = 0.0
        self._has_limit = True  # until it is known better
        self.arrivals: list[Outcome] = []
        self.left_with: list[Crash] = []
        self.history: deque[Frame] = deque(maxlen=MAX_HISTORY)

    async def prepare(self, simplest: Sequence[tuple[Action, str]]) -> None:
        """See whether the channel can be used, and find a probe.

        Args:
            simplest: Actions that promise an answer, each with a message; the best for a probe first.

        Raises:
            NotTestableError: It cannot be used.
        """
        for probe in [*(self._probe_of(*each) for each in simplest[:PROBES]), *self._error_probes()]:
            link = self._link or await self._open()
            link.probe = probe
            outcome = await link.exchange(None, None, self._seconds)
            if outcome.works:
                self._probe = probe
                break
            await self.leave()
        if self._probe is None:
            # Without a probe, or with none that is answered: perhaps nobody may talk here at all.
            link = self._link or await self._open()
            closed = (await link.exchange(None, None, self._seconds)).closed
            if closed is not None:
                raise NotTestableError(
                    f"the connection was closed at once with code {closed.code}{_said(closed)}; {_CURE}"
                )
        await self.leave()
        self.arrivals.clear()  # they are judged with the first connection that is used

    async def send(
        self, frame: Frame, wanted: Wanted | None, seconds: float, *, fresh: bool = False, patient: bool = True
    ) -> Outcome:
        """Send a frame, on a new connection if need be or if ``fresh``.

        Raises:
            NotTestableError: No new connection is to be had.
        """
        outcome, before = await self._exchange(frame, wanted, seconds, fresh=fresh, patient=patient)
        if outcome.closed is None:
            return outcome
        if before >= FEWEST and self._may_be_limit(outcome):
            # It may close on those who send fast. Then the same is all right on a connection that is new, or new and
            # some time later.
            for pause in (0.0, PAUSE_SECONDS):
                await self.leave()
                await asyncio.sleep(pause)
                outcome, _ = await self._exchange(frame, wanted, seconds, fresh=True, patient=patient)
                if not self._may_be_limit(outcome):
                    self._budget = max(FEWEST, min(before // 2, self._budget or before))
                    self._pause = max(self._pause, pause)
                    break
            else:
                self._has_limit = False
        if outcome.closed is not None:
            await self.leave(keep_history=True)
        return outcome

    async def _exchange(
        self, frame: Frame, wanted: Wanted | None, seconds: float, *, fresh: bool, patient: bool
    ) -> tuple[Outcome, int]:
        """Send a frame; what came, and how much had been sent on the connection before."""
        link = await self._ready(fresh=fresh)
        before = link.sent
        self.history.append(frame)
        return await link.exchange(frame, wanted, seconds, patient=patient), before

    def _may_be_limit(self, outcome: Outcome) -> bool:
        closed = outcome.closed
        return self._has_limit and closed is not None and closed.code in POLICY and not outcome.crashes

    async def enter(self) -> None:
        """Open a new connection; raises ``NotTestableError`` where none is to be had."""
        await self._ready(fresh=True)

    async def leave(self, *, keep_history: bool = False) -> None:
        """Close the present connection, if there is one."""
        if self._link is not None:
            link, self._link = self._link, None
            self.left_with += await link.close()
        if not keep_history:
            self.history.clear()

    async def _ready(self, *, fresh: bool) -> Link:
        is_used_up = self._link is not None and self._budget is not None and self._link.sent >= self._budget
        if self._link is not None and not fresh and not is_used_up and not self._link.is_spoilt:
            return self._link
        await self.leave()
        if is_used_up and self._pause:
            await asyncio.sleep(self._pause)
        link = await self._open()
        link.probe = self._probe
        arrival = await link.exchange(None, None, self._seconds)
        self.arrivals.append(arrival)
        if (closed := arrival.closed) is not None:
            raise NotTestableError(f"a new connection was closed at once with code {closed.code}{_said(closed)}")
        return link

    async def _open(self) -> Link:
        self._crashes.take()
        try:
            socket = await self._target.connect(self._path)
        except RefusedError as error:
            raise NotTestableError(f"the handshake at {shown(self._path, 200)} failed: {error}; {_CURE}") from error
        except TargetError as error:
            raise NotTestableError(str(error)) from error
        self._link = Link(socket, self._crashes)
        return self._link

    def _probe_of(self, action: Action, text: str) -> Probe:
        def is_answer(value: Any) -> bool:
            return any(self._judge.is_named(each, value) for each in action.replies)

        def resembles(frame: Frame) -> bool:
            """Whether it is a message with an answer in common."""
            value = parsed(frame).value
            named = [each for each in self._channel.actions if self._judge.is_named(each.message, value)]
            return any(not set(action.replies).isdisjoint(each.replies) for each in named)

        return Probe(text, is_answer, resembles)

    def _error_probes(self) -> list[Probe]:
        field = next(iter(self._channel.discriminators), "action")
        if not self._judge.refusals or self._judge.taken_as({field: UNKNOWN_ACTION}):
            return []
        return [Probe(f'{{"{field}": "{UNKNOWN_ACTION}"}}', self._judge.is_refusal, lambda _: True)]


_CURE = "say what it needs with --path, --query, --cookie, --header or --origin, or leave it out with --exclude"


def _said(closed: Closed) -> str:
    return f" ({shown(closed.reason, 120)})" if closed.reason else ""
