"""Text of others on a terminal, in a report or in a log of CI: on one line, of a bounded length, and without effect.

A document, a server and an error text are somebody else's. A line end in one fakes a line of ours, an escape sequence
rewrites what stands above, and ``::error::`` is a command where a CI service reads along.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence

__all__ = ["LONGEST", "listed", "quoted", "shown"]

LONGEST = 400
"""How many characters of a text are shown unless more are asked for."""

MAX_LISTED = 100

# What CI services obey: `::name::` where a line begins (GitHub), `##[name]` (GitHub, Azure) and `##vso[name]` (Azure)
# anywhere, `##teamcity[name]` where a line begins.
_COMMANDS = re.compile(r"^(\s*):(?=:)|#(?=#(?:\[|vso\[|teamcity\[))", re.IGNORECASE)
_FILLED_IN = re.compile(r"[\w-]+=\$\w+", re.ASCII)


def shown(text: str, longest: int = LONGEST, *, ascii_only: bool = True) -> str:
    """Untrusted text as one short line, which a terminal and a CI service take for text. Shown twice, it stays so.

    Args:
        text: The text. Control characters, line ends, marks of the direction of text, invisible characters and halves
            of characters are escaped as Python writes them; so are the beginnings of commands to CI services.
        longest: How many characters are kept; behind them stands how many there were.
        ascii_only: Whether all that is not ASCII is escaped, too. Without it letters stay as they are.
    """
    # A character is written as ten at most: what is behind so many is cut off before any work is done on it.
    cut = text[: longest + 1]
    if ascii_only:
        line = ascii(cut)[1:-1].replace("\\'", "'").replace("\\\\", "\\")
    else:
        line = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in cut)
    line = _COMMANDS.sub(lambda found: f"{found[1] or ''}\\x{ord(found[0][-1]):02x}", line)
    return line if len(line) <= longest else f"{line[:longest]}... ({len(text)} characters)"


def listed(texts: Sequence[str], longest: int = LONGEST, most: int = MAX_LISTED) -> list[str]:
    """The first texts as ``shown``, and how many more there are."""
    lines = [shown(each, longest) for each in texts[:most]]
    return [*lines, f"and {len(texts) - most} more"] if len(texts) > most else lines


def quoted(words: Iterable[str]) -> str:
    """A command for a shell. A word that begins with ``$`` after ``=`` names a variable, which the shell fills in.

    What a terminal must not get stands in ``$'…'``, which bash, zsh and others read back as it was.
    """
    return " ".join(_quoted(word) for word in words)


def _quoted(word: str) -> str:
    if not word.isprintable() or _COMMANDS.search(word):
        return "$'" + "".join(_escaped(each) for each in word) + "'"
    return re.sub(r"=\$(\w+)$", r'="$\1"', word) if _FILLED_IN.fullmatch(word) else shlex.quote(word)


def _escaped(letter: str) -> str:
    if letter in "\\'":
        return f"\\{letter}"
    if letter.isprintable() and letter not in ":#":
        return letter
    code = ord(letter)
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
