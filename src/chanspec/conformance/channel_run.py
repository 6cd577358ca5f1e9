"""One channel tried out: frames that are no messages, known edges and mistakes, then what Hypothesis makes up.

What is found is pinned down at once: on a new connection, with a message made as small as it may be.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeAlias, TypeVar

from chanspec.conformance.budget import Budget, BudgetSpentError, TimeUpError
from chanspec.conformance.document import Action, Channel
from chanspec.conformance.findings import Finding, Report
from chanspec.conformance.judge import Judge, Verdict
from chanspec.conformance.lines import Line
from chanspec.conformance.link import Outcome, Wanted, parsed
from chanspec.conformance.minimise import size
from chanspec.conformance.noise import Noise, noises
from chanspec.conformance.options import Observer, Options
from chanspec.conformance.pinning import Pinning
from chanspec.conformance.samples import Expectation, Sample, Samples
from chanspec.conformance.search import search
from chanspec.conformance.transport import Frame

__all__ = ["ChannelRun", "Clock", "Do"]

T = TypeVar("T")
Do: TypeAlias = Callable[[Coroutine[Any, Any, T]], T]

HURRIED_SECONDS = 0.3  # while a message is made smaller; what comes of that is seen to again
MAX_FINDINGS = 100
SHRINK_SECONDS = 4.0
_BEING_PINNED_DOWN = -1
KNOWN_SHARE = 2 / 3


class Clock:
    """The time that a run has, unless it is stopped before: that of its budget, in parts."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._parts = 1
        self.ran_out = False

    @property
    def left(self) -> float:
        return self._budget.seconds_left

    def is_stopped(self) -> bool:
        return self._budget.is_stopped()

    def is_over(self) -> bool:
        self.ran_out = self.ran_out or self.left <= 0
        return self.ran_out

    def divide(self, parts: int) -> None:
        """Divide what is left into so many parts."""
        self._parts = max(1, parts)

    def next_end(self) -> float:
        """When the next part ends; what the ones before have left over is divided anew."""
        end = time.monotonic() + self.left / self._parts
        self._parts = max(1, self._parts - 1)
        return end


class ChannelRun:
    """Tries one channel.

    Args:
        channel: The channel.
        samples: Those of its actions that are tried.
        every: Those of all its actions.
        line: The way to it.
        judge: Judges what comes.
        options: What the run was told.
        clock: The time that is left.
        report: Where findings go.
        observer: Who is told.
        do: Runs a coroutine in the run's event loop.
    """

    def __init__(
        self,
        channel: Channel,
        samples: Sequence[Samples],
        every: Sequence[Samples],
        line: Line,
        judge: Judge,
        options: Options,
        clock: Clock,
        report: Report,
        observer: Observer,
        do: Do[Any],
    ) -> None:
        self._channel = channel
        self._samples = samples
        self._every = every
        self._line = line
        self._judge = judge
        self._options = options
        self._clock = clock
        self._report = report
        self._observer = observer
        self._do = do
        self._found: dict[tuple[Any, ...], int] = {}  # a verdict's key → the finding's index in the report
        self._field = next(iter(channel.discriminators), "action")
        self._is_given_up = False
        self._tried: set[int] = set()  # of which actions a message was sent
        self._untried: set[int] = set()  # and of which it is said that none was

    @cached_property
    def noises(self) -> list[Noise]:
        return [self._expecting(each) for each in noises(self._field)] if self._channel.actions else []

    def _expecting(self, noise: Noise) -> Noise:
        """What is said of a frame; where it is a valid message of an action without a name, it needs no error."""
        received = parsed(noise.frame) if noise.needs_error else None
        is_message = received is not None and received.is_json and bool(self._judge.taken_as(received.value))
        return replace(noise, needs_error=False) if is_message else noise

    def steps(self) -> int:
        """How many steps it takes."""
        return len(self.noises) + 2 * self._options.max_examples * len(self._samples)

    def try_noise(self, name: str | None = None) -> None:
        """Send frames that are no messages: all of them, or one."""
        self._observer.at(self._channel.key, "frames that are no messages")
        for noise in self.noises:
            if (name is None or noise.name == name) and not self._clock.is_over():
                self._do(self._noise(noise))
            self._observer.step()

    def try_known(self) -> None:
        """Send what is known to be telling: examples, edges, and one mistake at a time."""
        count = max(1, round(self._options.max_examples * KNOWN_SHARE))
        for samples in self._samples:
            self._observer.at(self._channel.key, samples.action.message.value)
            end, before = self._clock.next_end(), self._report.messages
            with self._reporting(samples):
                if not samples.bases:
                    raise BudgetSpentError(samples.problem)
                for sample in [*samples.known_valid(count), *samples.known_invalid(count)]:
                    if self._clock.is_over() or time.monotonic() > end:
                        self._clock.ran_out = True
                        break
                    self._do(self._examine(samples, sample))
                    self._tried.add(id(samples))
                    self._observer.step()
            if self._report.messages == before and id(samples) not in self._tried and self._clock.is_over():
                self._not_tried(samples, "the time was up before it was its turn: --max-seconds gives more")

    @contextmanager
    def _reporting(self, samples: Samples) -> Iterator[None]:
        """Report messages that cannot be made, or judged, for what it costs: as not tried where none was sent."""
        try:
            yield
        except BudgetSpentError as error:
            self._clock.ran_out = self._clock.ran_out or isinstance(error, TimeUpError)
            if id(samples) in self._tried:
                self._report.notes.append(f"{self._name(samples)}: not all of its messages were tried: {error}")
            else:
                self._not_tried(samples, str(error))

    def _not_tried(self, samples: Samples, why: str) -> None:
        if id(samples) not in self._untried:  # the first reason counts
            self._untried.add(id(samples))
            self._report.untested.append(f"{self._name(samples)}: {why}")
            self._report.actions -= 1

    def _name(self, samples: Samples) -> str:
        return f"{self._channel.key}, {samples.action.message.value}"

    def try_random(self) -> None:
        """Send what Hypothesis makes up."""
        count = self._options.max_examples - round(self._options.max_examples * KNOWN_SHARE)
        for samples in self._samples:
            end = self._clock.next_end()
            if self._clock.is_over() or not samples.bases:
                continue
            self._observer.at(self._channel.key, samples.action.message.value)
            with self._reporting(samples):
                self._search(samples, samples.valid(), count, samples.of, end)
                if samples.can_be_wrong:
                    self._search(samples, samples.invalid(), count, _wrong_sample, end)

    def replay(self, texts: Sequence[str]) -> None:
        """Send messages that were given, in their order, on one connection."""
        for text in texts:
            for samples in self._samples:
                self._observer.at(self._channel.key, samples.action.message.value)
                with self._reporting(samples):
                    self._do(self._replay(samples, text))
                    self._tried.add(id(samples))

    def finish(self) -> None:
        """Leave, and see that the channel can still be entered."""
        self._do(self._finish())
        for samples in self._samples:
            operation = samples.action.operation
            if operation in self._judge.refused and operation not in self._judge.handled:
                self._report.notes.append(
                    f"{self._name(samples)}: every valid message was refused by rules that its schema cannot state "
                    f"({self._judge.refused[operation]}): how it is handled was not tried"
                )
        for name, why in self._judge.unjudged.items():
            self._report.untested.append(f"{self._channel.key}: what came as {name} was not judged: {why}")

    def give_up(self, why: str) -> None:
        """Report that the channel cannot be entered any more."""
        if not self._is_given_up:
            self._is_given_up = True
            what = f"no new connection is to be had: {why}"
            messages = tuple(each for each in self._line.history if isinstance(each, str))
            verdict = Verdict("does not work afterwards", what, ("broken", "channel"))
            self._take([verdict], None, messages)

    # One message

    async def _replay(self, samples: Samples, text: str) -> None:
        received = parsed(text)
        if not received.is_json:
            noise = Noise("a frame that is no JSON", text)
            outcome = await self._send(noise.frame, None)
            self._take(self._judge.of_noise(noise, outcome), samples.action.message.value, (text,))
            return
        samples, sample = self._sample_of(text) or (samples, samples.of(received.value))
        outcome = await self._send(text, self._wanted(samples.action, sample))
        self._report.messages += 1
        verdicts = self._judge.of_sample(samples.action, sample, outcome)
        self._take(verdicts, samples.action.message.value, (text,))

    async def _examine(self, samples: Samples, sample: Sample) -> list[Verdict]:
        verdicts = await self._attempt(samples, sample)
        for verdict in verdicts:
            await self._handle(samples, sample, verdict)
        return verdicts

    async def _attempt(
        self, samples: Samples, sample: Sample, *, fresh: bool = False, hurried: bool = False
    ) -> list[Verdict]:
        """Send a message and judge what comes."""
        action = samples.action
        sample = self._seen_by_others(action, sample)
        awaited = {Expectation.VALID: "no reply", Expectation.INVALID: "invalid accepted"}.get(sample.expectation)
        # What is known not to come is not worth a long wait.
        patient = not hurried and (awaited, action.operation) not in self._found
        hurried = hurried or ("broken", action.operation) in self._found
        wanted = self._wanted(action, sample)
        outcome = await self._send(sample.text, wanted, fresh=fresh, patient=patient, hurried=hurried)
        self._report.messages += 1
        return self._judge.of_sample(action, sample, outcome)

    def _seen_by_others(self, action: Action, sample: Sample) -> Sample:
        """A message without a name may be another action's as well: nobody knows then what has to come of it."""
        if action.message.constants or all(each is action for each in self._judge.taken_as(sample.value)):
            return sample
        return replace(sample, expectation=Expectation.ODD)

    def _wanted(self, action: Action, sample: Sample) -> Wanted | None:
        # A server without a documented error says nothing of what breaks its rules.
        may_be_silent = sample.is_uncertain and not self._judge.refusals
        if sample.expectation is Expectation.VALID and action.promises and not may_be_silent:
            return lambda value: self._judge.answers(action, value)
        if sample.expectation is Expectation.INVALID and self._judge.refusals:
            return self._judge.is_refusal
        return None

    async def _send(
        self, frame: Frame, wanted: Wanted | None, *, fresh: bool = False, patient: bool = True, hurried: bool = False
    ) -> Outcome:
        seconds = self._options.reply_seconds
        seconds = min(seconds, HURRIED_SECONDS) if hurried else seconds
        outcome = await self._line.send(frame, wanted, seconds, fresh=fresh, patient=patient)
        self._judge_arrivals()
        return outcome

    def _judge_arrivals(self) -> None:
        """What came on its own, and what failed when a connection was left."""
        while self._line.arrivals:
            self._take(self._judge.of_arrivals(self._line.arrivals.pop()), None, ())
        if crashes := self._line.left_with:
            outcome = Outcome(crashes=list(crashes))
            crashes.clear()
            self._take(self._judge.of_arrivals(outcome), None, ())

    async def _noise(self, noise: Noise) -> None:
        wanted = self._judge.is_refusal if noise.needs_error and self._judge.refusals else None
        patient = ("invalid accepted", "noise") not in self._found
        outcome = await self._send(noise.frame, wanted, patient=patient)
        self._report.messages += 1
        text = noise.frame if isinstance(noise.frame, str) else repr(noise.frame)
        verdicts = self._judge.of_noise(noise, outcome)
        # What came may belong to an earlier frame: it counts where it comes again.
        if verdicts and verdicts[0].key not in self._found:
            outcome = await self._send(noise.frame, wanted, fresh=True)
            verdicts = self._judge.of_noise(noise, outcome) or verdicts
        self._take(verdicts, noise.name, (text,), ("--channel", self._channel.key, "--frame", noise.name))

    # What Hypothesis makes up

    def _search(
        self, samples: Samples, strategy: Any, count: int, sample_of: Callable[[Any], Sample], end: float
    ) -> None:
        """Look for a message that shows something new, and shrink it."""
        best: tuple[Sample, Verdict] | None = None
        shrink_until = 0.0
        history: list[str] = []

        def shows_something(made: Any) -> bool:
            nonlocal best, shrink_until
            now = time.monotonic()
            if self._clock.is_over() or now > (shrink_until or end):
                self._clock.ran_out = self._clock.ran_out or not shrink_until
                return False
            sample = sample_of(made)
            verdicts = self._do(self._attempt(samples, sample, fresh=best is not None, hurried=best is not None))
            if best is None:
                self._observer.step()
            for verdict in verdicts:
                if verdict.key in self._found if best is None else verdict.key != best[1].key:
                    continue
                if best is None:
                    shrink_until = now + SHRINK_SECONDS
                    history.extend(self._history())
                if best is None or size(sample.value) < size(best[0].value):
                    best = sample, verdict
                return True
            return False

        with self._judge.schemas.budget.paid_by(samples.account):
            search(strategy, shows_something, count, samples.random(), shrink=True)
        if best is not None:
            self._do(self._handle(samples, *best, history=history))
        if samples.account.error is not None:
            raise samples.account.error

    # What is found

    async def _handle(
        self, samples: Samples, sample: Sample, verdict: Verdict, history: Sequence[str] | None = None
    ) -> None:
        """Pin something down that a message has shown, unless it is known."""
        action = samples.action.message.value
        if verdict.key in self._found:
            also = sample.what if sample.expectation is Expectation.INVALID else ""
            self._take([verdict], action, (), also=also)
            return
        self._found[verdict.key] = _BEING_PINNED_DOWN
        texts = self._history() if history is None else history
        pinning = Pinning(self._attempt, samples, sample, verdict, texts or (sample.text,), self._sample_of)
        verdict, messages = await pinning.pinned()
        await self._line.leave()
        del self._found[verdict.key]
        self._take([verdict], action, messages)

    def _history(self) -> list[str]:
        """What was sent on the present connection, as far as it was text."""
        return [each for each in self._line.history if isinstance(each, str)]

    def _sample_of(self, text: str) -> tuple[Samples, Sample] | None:
        """Which action's message a text is."""
        received = parsed(text)
        for samples in self._every if received.is_json else ():
            if self._judge.is_named(samples.action.message, received.value):
                return samples, samples.of(received.value)
        return None

    def _take(
        self,
        verdicts: Sequence[Verdict],
        action: str | None,
        messages: tuple[str, ...],
        options: tuple[str, ...] = (),
        also: str = "",
    ) -> None:
        """Report what is new, and note other ways to what is known."""
        for verdict in verdicts:
            if (index := self._found.get(verdict.key)) is not None:
                self._note(index, action, also)
                continue
            if len(self._report.findings) >= MAX_FINDINGS:
                self._report.leave_out_findings()
                return
            self._found[verdict.key] = len(self._report.findings)
            finding = Finding(
                verdict.kind,
                self._channel.key,
                action,
                verdict.what,
                messages,
                verdict.received,
                self._command(action, messages, options),
            )
            self._report.findings.append(finding)
            self._observer.found(finding)

    def _note(self, index: int, action: str | None, also: str) -> None:
        """Add another way to a finding."""
        if index == _BEING_PINNED_DOWN or action is None:
            return
        known = self._report.findings[index]
        if action != known.action:
            self._report.findings[index] = known.with_also([f"{action}: {also}" if also else action])
        elif also:
            self._report.findings[index] = known.with_also([also])

    def _command(self, action: str | None, messages: tuple[str, ...], options: tuple[str, ...]) -> tuple[str, ...]:
        if not self._options.command:
            return ()
        base = (*self._options.command, "--seed", str(self._options.seed))
        if options:
            return (*base, *options)
        if action is None:
            return (*base, "--channel", self._channel.key)
        sent = tuple(word for text in messages for word in ("--message", text))
        return (*base, "--channel", self._channel.key, "--action", action, *sent)

    async def _finish(self) -> None:
        await self._line.enter()
        self._judge_arrivals()
        await self._line.leave()
        self._judge_arrivals()


def _wrong_sample(made: tuple[Any, str]) -> Sample:
    value, what = made
    return Sample(value, Expectation.INVALID, what)
