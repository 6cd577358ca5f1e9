"""A whole run: every channel of a document against a target, in one event loop of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from chanspec.conformance.channel_run import ChannelRun, Clock, Do
from chanspec.conformance.crashes import Crashes
from chanspec.conformance.document import Action, Api, Channel
from chanspec.conformance.findings import Report
from chanspec.conformance.judge import Judge
from chanspec.conformance.lines import Line, NotTestableError
from chanspec.conformance.options import Observer, Options, Silent
from chanspec.conformance.samples import Samples, encoded
from chanspec.conformance.sizes import Sizes
from chanspec.conformance.strategies import DEPTHS, Generator
from chanspec.conformance.transport import Target, TargetError, address_of
from chanspec.terminal import listed

__all__ = ["run"]


def run(
    api: Api,
    target: Target,
    options: Options,
    observer: Observer | None = None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Report:
    """Try every channel.

    Args:
        api: What the document says.
        target: Who is tried.
        options: How.
        observer: Who is told of the progress.
        is_stopped: Whether the run is to end before its time.

    Returns:
        The report, also where the time was not enough.

    Raises:
        TargetError: Nobody answers, or the options leave nothing to be tried.
        RuntimeError: It is called in a running event loop.
    """
    _check_no_loop()
    with asyncio.Runner() as runner:
        runner.run(target.start())
        try:
            with Crashes() as crashes:  # not before: a start-up may configure logging
                return _Run(api, target, options, observer or Silent(), runner.run, crashes, is_stopped).go()
        finally:
            runner.run(target.stop())


class _Run:
    def __init__(
        self,
        api: Api,
        target: Target,
        options: Options,
        observer: Observer,
        do: Do[Any],
        crashes: Crashes,
        is_stopped: Callable[[], bool],
    ) -> None:
        self.api = api
        self.target = target
        self.options = options
        self.observer = observer
        self.do = do
        self.crashes = crashes
        sizes = Sizes(api.schemas)
        self.generators = [Generator(api.schemas, deepest, sizes) for deepest in DEPTHS]
        budget = api.schemas.budget
        budget.end = min(budget.end, time.monotonic() + options.max_seconds)
        budget.is_stopped = is_stopped
        self.clock = Clock(budget)
        self.report = Report(options.seed, notes=list(api.skipped), untested=list(api.untested))

    def go(self) -> Report:
        runs = [each for channel in self.wanted() if (each := self.prepared(channel)) is not None]
        self.observer.begin(sum(each.steps() for each in runs))
        try:
            self.try_all(runs)
        finally:
            self.observer.end()
        if self.clock.ran_out:
            self.report.complete = False
            stopped = "the run was stopped before everything was tried"
            late = "the time was up before everything was tried: --max-seconds gives more"
            self.report.notes.append(stopped if self.clock.is_stopped() else late)
        return self.report

    def try_all(self, runs: list[ChannelRun]) -> None:
        self.clock.divide(self.report.actions)
        for each in runs:
            self.guarded(each, self.deterministic)
        if not self.options.messages and not self.options.frame:
            self.clock.divide(self.report.actions)
            for each in runs:
                self.guarded(each, ChannelRun.try_random)
        for each in runs:
            self.guarded(each, ChannelRun.finish)

    def wanted(self) -> list[Channel]:
        found = [each for each in self.api.channels if self.options.wants_channel(each)]
        if not found:
            actions = [action.message.value for each in self.api.channels for action in each.actions]
            names = ", ".join(listed(actions, 60, 20))
            raise TargetError(f"nothing to try is left; the document has the actions {names or '(none)'}")
        return found

    def prepared(self, channel: Channel) -> ChannelRun | None:
        options = self.options
        judge = Judge(channel, self.api.schemas)
        wanted = [action for action in channel.actions if options.wants(channel, action)]
        try:
            path = address_of(channel.address, {**defaults(channel), **options.handshake.path})
        except KeyError as missing:
            name = missing.args[0]
            self.report.untested.append(
                f"{channel.key}: the address {channel.address} has the parameter {name!r}; "
                f"give it with --path {name}=VALUE, or leave the channel out with --exclude {channel.key}"
            )
            return None
        except ValueError as error:
            self.report.untested.append(f"{channel.key}: {error}")
            return None
        if self.clock.is_over():
            late = "the time was up before it was its turn: --max-seconds gives more"
            self.report.untested.append(f"{channel.key}: {late}")
            return None
        every = {id(each): self.samples(each) for each in channel.actions}
        line = Line(self.target, path, channel, judge, self.crashes, options.reply_seconds)
        try:
            self.do(line.prepare(_probes(list(every.values()))))
        except NotTestableError as error:
            self.report.untested.append(f"{channel.key}: {error}")
            return None
        self.report.channels += 1
        self.report.actions += len(wanted)
        mine = [every[id(each)] for each in wanted]
        return ChannelRun(
            channel,
            mine,
            list(every.values()),
            line,
            judge,
            options,
            self.clock,
            self.report,
            self.observer,
            self.do,
        )

    def samples(self, action: Action) -> Samples:
        return Samples(action, self.api.schemas, self.generators, self.options.seed)

    def deterministic(self, one: ChannelRun) -> None:
        if self.options.frame:
            one.try_noise(self.options.frame)
        elif self.options.messages:
            one.replay(self.options.messages)
        else:
            if not self.options.only:
                one.try_noise()
            one.try_known()

    def guarded(self, one: ChannelRun, part: Callable[[ChannelRun], None]) -> None:
        """Do a part of a channel's run; a channel that cannot be entered any more is given up."""
        try:
            part(one)
        except NotTestableError as error:
            one.give_up(str(error))


def _probes(samples: list[Samples]) -> list[tuple[Action, str]]:
    """The actions that promise an answer, each with its simplest message; ``ping`` first, then the shortest."""
    usable = [(each.action, encoded(each.bases[0])) for each in samples if each.action.promises and each.bases]
    return sorted(usable, key=lambda each: (each[0].message.value != "ping", len(each[1])))


def defaults(channel: Channel) -> Mapping[str, str]:
    """Values of an address's parameters that the document itself has."""
    found: dict[str, str] = {}
    for name, parameter in channel.parameters.items():
        values = [parameter.get("default")]
        for key in ("examples", "enum"):
            listed = parameter.get(key)
            values += listed if isinstance(listed, list) else []
        for value in values:
            if isinstance(value, str | int | float):
                found.setdefault(name, str(value))
                break
        schema = parameter.get("x-schema")
        if isinstance(schema, dict) and schema.get("type") == "integer":
            least = schema.get("minimum", 1)
            found.setdefault(name, str(max(1, least) if isinstance(least, int | float) else 1))
    return found


def _check_no_loop() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise RuntimeError(
        "a conformance run has an event loop of its own: call it in an ordinary test function, not in an async one"
    )
