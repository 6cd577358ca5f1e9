"""What a run reports: a finding is one way in which the server does not keep its document, with how to see it again."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

__all__ = ["Finding", "Kind", "Report", "shown"]

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

LONGEST_SHOWN = 400


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
        lines = [f"{self.kind}: {self.channel}" + (f", {self.action}" if self.action else ""), f"  {self.what}"]
        if self.messages:
            lines += [f"  sent      {shown(text)}" for text in self.messages[-5:]]
        lines += [f"  received  {text}" for text in self.received[:5]]
        if self.also:
            more = f" and {len(self.also) - 5} more" if len(self.also) > 5 else ""
            lines.append(f"  the same  {'; '.join(self.also[:5])}{more}")
        if self.command:
            lines.append(f"  again     {quoted(self.command)}")
        return "\n".join(lines)


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
        untested: Channels that could not be tried at all.
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
        """Whether everything was tried and nothing found."""
        return not self.findings and not self.untested

    def __str__(self) -> str:
        parts = [str(each) for each in self.findings]
        parts += [f"not tested: {each}" for each in self.untested]
        parts += [f"note: {each}" for each in self.notes]
        return "\n\n".join([*parts, self.summary])

    @property
    def summary(self) -> str:
        """A line of figures."""
        counts = [
            _counted(self.messages, "message"),
            _counted(self.actions, "action"),
            _counted(self.channels, "channel"),
        ]
        found = _counted(len(self.findings), "finding") if self.findings else "no finding"
        return f"{found}: {counts[0]} to {counts[1]} of {counts[2]}, seed {self.seed}"


def shown(text: str, longest: int = LONGEST_SHOWN) -> str:
    """Untrusted text as one short line of printable ASCII."""
    line = ascii(text)[1:-1].replace("\\'", "'").replace("\\\\", "\\")
    return line if len(line) <= longest else f"{line[:longest]}... ({len(text)} characters)"


def quoted(words: Sequence[str]) -> str:
    """A command for a shell. A word that begins with ``$`` after ``=`` names a variable, which the shell fills in."""
    return " ".join(_quoted(word) for word in words)


def _quoted(word: str) -> str:
    return re.sub(r"=\$(\w+)$", r'="$\1"', word) if _FILLED_IN.fullmatch(word) else shlex.quote(word)


_FILLED_IN = re.compile(r"[\w-]+=\$\w+", re.ASCII)


def _counted(count: int, name: str) -> str:
    return f"{count} {name}" + ("" if count == 1 else "s")
