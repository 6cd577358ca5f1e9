"""What a run reports: a finding is one way in which the server does not keep its document, with how to see it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from chanspec.terminal import listed, quoted, shown

__all__ = ["Finding", "Kind", "Report"]

Kind = Literal[
    "crash",
    "closed",
    "valid refused",
    "invalid accepted",
    "no reply",
    "undocumented message",
    "wrong message",
    "not JSON",
    "does not work afterwards",
]

LONGEST_NAME = 120
LONGEST_SENTENCE = 1000
LONGEST_COMMAND = 20_000  # what is longer is no use in a terminal; Linux takes no word beyond 128 kB


@dataclass(frozen=True, slots=True)
class Finding:
    """One drift between document and server.

    Attributes:
        kind: What sort of drift.
        channel: The channel's key in the document.
        action: The action's name, or that of a frame which is no message; None for what comes unasked.
        what: A sentence about it.
        messages: The texts that were sent, the guilty one last; usually one.
        received: What came of it, shortened.
        command: The words of a command that shows it again; empty where that needs no command.
        also: Other ways to the same thing.
    """

    kind: Kind
    channel: str
    action: str | None
    what: str
    messages: tuple[str, ...] = ()
    received: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    def with_also(self, ways: Sequence[str]) -> Finding:
        return replace(self, also=tuple(dict.fromkeys([*self.also, *ways])))

    def __str__(self) -> str:
        where = shown(self.channel, LONGEST_NAME) + (f", {shown(self.action, LONGEST_NAME)}" if self.action else "")
        lines = [f"{self.kind}: {where}", f"  {shown(self.what, LONGEST_SENTENCE)}"]
        if self.messages:
            lines += [f"  sent      {shown(text)}" for text in self.messages[-5:]]
        lines += [f"  received  {shown(text, LONGEST_SENTENCE)}" for text in self.received[:5]]
        if self.also:
            more = f" and {len(self.also) - 5} more" if len(self.also) > 5 else ""
            lines.append(f"  the same  {'; '.join(shown(each, LONGEST_NAME) for each in self.also[:5])}{more}")
        if self.command:
            lines.append(f"  again     {self._again()}")
        return "\n".join(lines)

    def _again(self) -> str:
        command = quoted(self.command)
        if len(command) <= LONGEST_COMMAND:
            return command
        return f"its message is too long for a command: {len(command)} characters; the same --seed sends it again"


@dataclass(slots=True)
class Report:
    """The outcome of a run.

    Attributes:
        seed: What the messages were made from.
        findings: The drifts; none for a server that keeps its document.
        messages: How many messages were sent.
        actions: How many actions were tried.
        channels: How many channels were tried.
        notes: What was not tried, and why.
        untested: Channels and messages that could not be tried at all, each with the reason.
        complete: Whether the time was enough.
    """

    seed: int
    findings: list[Finding] = field(default_factory=list)
    messages: int = 0
    actions: int = 0
    channels: int = 0
    notes: list[str] = field(default_factory=list)
    untested: list[str] = field(default_factory=list)
    complete: bool = True

    def leave_out_findings(self) -> None:
        """Note that there are more findings than are kept."""
        note = f"there were more findings than these {len(self.findings)}"
        if note not in self.notes:
            self.notes.append(note)

    @property
    def ok(self) -> bool:
        """Whether everything was tried, there was something to try, and nothing was found."""
        return bool(self.messages) and not self.findings and not self.untested

    def __str__(self) -> str:
        parts = [str(each) for each in self.findings]
        parts += [f"not tested: {each}" for each in listed(self.untested, LONGEST_SENTENCE)]
        parts += [f"note: {each}" for each in listed(self.notes, LONGEST_SENTENCE)]
        return "\n\n".join([*parts, self.summary])

    @property
    def summary(self) -> str:
        """A line of figures."""
        counts = [
            _counted(self.messages, "message"),
            _counted(self.actions, "action"),
            _counted(self.channels, "channel"),
        ]
        if not self.findings and not self.messages:
            why = "no channel has a message that clients may send"
            if self.actions or self.untested:
                why = "no message was sent"
            return f"nothing was tested: {why}, seed {self.seed}"
        found = _counted(len(self.findings), "finding") if self.findings else "no finding"
        return f"{found}: {counts[0]} to {counts[1]} of {counts[2]}, seed {self.seed}"


def _counted(count: int, name: str) -> str:
    return f"{count} {name}" + ("" if count == 1 else "s")
