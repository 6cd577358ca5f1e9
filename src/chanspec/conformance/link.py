"""One connection under test: sends a frame, collects what it causes, and knows when the server is done with it.

A server is done with a frame when it answers the *probe* that was sent behind it, a message whose answer is known; so
nothing is ever waited for by the clock but what was promised and does not come.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from chanspec.conformance.crashes import Crash, Crashes
from chanspec.conformance.transport import Closed, Frame, Socket

__all__ = ["Link", "Outcome", "Probe", "Received", "parsed"]

MAX_FRAMES = 2000
QUIET_SECONDS = 0.05  # where nothing is promised and there is no probe
GRACE_SECONDS = 0.1
LEAST_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Received:
    """A frame of the server's.

    Attributes:
        frame: As it came.
        value: The JSON in it.
        is_json: Whether it is text that is JSON.
    """

    frame: Frame
    value: Any
    is_json: bool


Wanted: TypeAlias = Callable[[Any], bool]
"""Says of a JSON value whether it is what is waited for."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A message that is always answered, and its answer.

    Attributes:
        text: The message.
        is_answer: Knows the answer.
        resembles: Whether a frame may be answered like that, too.
    """

    text: str
    is_answer: Wanted
    resembles: Callable[[Frame], bool]


@dataclass(slots=True)
class Outcome:
    """What a frame caused.

    Attributes:
        frames: What the server sent, the probe's answer left out.
        closed: How it closed the connection, if it did.
        crashes: What the application in this process logged or raised.
        came: Whether what was waited for came.
        works: Whether the probe was answered; None where there is none.
    """

    frames: list[Received] = field(default_factory=list)
    closed: Closed | None = None
    crashes: list[Crash] = field(default_factory=list)
    came: bool = True
    works: bool | None = None


class Link:
    """An open connection.

    Attributes:
        sent: How many frames were sent, probes among them.
        probe: The probe; None where there is none.
        is_spoilt: Whether an answer may still come that would be taken for another's.

    Args:
        socket: The connection.
        crashes: Where the application's failures are heard.
    """

    def __init__(self, socket: Socket, crashes: Crashes) -> None:
        self._socket = socket
        self._crashes = crashes
        self.sent = 0
        self.probe: Probe | None = None
        self.is_spoilt = False

    async def exchange(
        self, frame: Frame | None, wanted: Wanted | None, seconds: float, *, patient: bool = True
    ) -> Outcome:
        """Send a frame and collect what it causes.

        Args:
            frame: The frame; None to see what comes without one.
            wanted: What has to come; None for nothing in particular.
            seconds: How long what has to come may take.
            patient: Whether to wait so long; else it has to come before the probe's answer.
        """
        outcome = Outcome()
        try:
            if frame is not None:
                await self._send(frame)
            waits = wanted is not None and patient
            is_ambiguous = frame is not None and self.probe is not None and self.probe.resembles(frame)
            if wanted is not None and waits:
                outcome.came = await self._collect(outcome, wanted, seconds)
            elif self.probe is None:
                await self._collect(outcome, wanted or _never, QUIET_SECONDS)
            elif is_ambiguous:
                await self._collect(outcome, _anything, QUIET_SECONDS)
            self.is_spoilt = is_ambiguous and not (waits and outcome.came)
            if self.probe is not None:
                await self._send(self.probe.text)
                # A server that has answered nothing for so long has had most of its time already.
                left = seconds if outcome.came else min(seconds, max(LEAST_SECONDS, seconds / 4))
                outcome.works = await self._collect(outcome, self.probe.is_answer, left, keep_last=False)
            if wanted is not None and not waits:
                outcome.came = any(each.is_json and wanted(each.value) for each in outcome.frames)
        except Closed as closed:
            outcome.closed = closed
            outcome.came = wanted is None
        if isinstance(error := getattr(self._socket, "error", None), BaseException):
            outcome.crashes.append(Crash.of(error))
        outcome.crashes += self._crashes.take()
        return outcome

    async def close(self) -> list[Crash]:
        """Leave; returns what failed on the way."""
        await self._socket.close()
        return self._crashes.take()

    async def _send(self, frame: Frame) -> None:
        try:
            await self._socket.send(frame)
        except Closed:
            # What the server said before it closed is still to be read.
            await self._socket.receive(QUIET_SECONDS)
            raise
        self.sent += 1

    async def _receive(self, seconds: float) -> Frame:
        try:
            return await self._socket.receive(seconds)
        except TimeoutError:
            if seconds <= QUIET_SECONDS:
                raise
            # Perhaps the whole machine stood still: a server in this process has not had its turn then.
            return await self._socket.receive(GRACE_SECONDS)

    async def _collect(self, outcome: Outcome, wanted: Wanted, seconds: float, *, keep_last: bool = True) -> bool:
        """Keep what comes until something wanted does; False where it does not in time."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while (left := end - loop.time()) > 0:
            try:
                received = parsed(await self._receive(left))
            except TimeoutError:
                return False
            is_wanted = received.is_json and wanted(received.value)
            if len(outcome.frames) < MAX_FRAMES and (keep_last or not is_wanted):
                outcome.frames.append(received)
            if is_wanted:
                return True
        return False


def parsed(frame: Frame) -> Received:
    """A frame with its JSON."""
    try:
        if isinstance(frame, bytes):
            return Received(frame, None, False)
        return Received(frame, json.loads(frame), True)
    except (ValueError, RecursionError):
        return Received(frame, None, False)


def _anything(_: Any) -> bool:
    return True


def _never(_: Any) -> bool:
    return False
