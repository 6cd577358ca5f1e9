"""The documentation's pages, and the code blocks in them. What is done with the blocks is not known here."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

_NAMED = re.compile(r"\A(?:#|//|<!--) (\S+\.\w+)(, at the end)?(?: -->| \(generated\))?\n")
_ASSIGNMENT = re.compile(r"[A-Z_]+=")


@dataclass(frozen=True)
class Block:
    """A code block.

    Attributes:
        page: Its page, from the repository's root.
        line: Where its text begins.
        language: What is said behind the fence: ``{…}`` is a directive of Sphinx's, and nothing makes it a drawing; of
            code without a fence it is ``indented``.
        text: The code.
    """

    page: str
    line: int
    language: str
    text: str

    @property
    def file(self) -> str | None:
        """The file that its first line names."""
        found = _NAMED.match(self.text)
        return found[1] if found else None

    @property
    def is_addition(self) -> bool:
        """Whether it goes to the end of that file, which is there already."""
        found = _NAMED.match(self.text)
        return bool(found and found[2])

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[str]:
    """Every page, from the repository's root."""
    found = (path.relative_to(DOCS) for path in DOCS.rglob("*.md"))
    return ["README.md", *sorted(f"docs/{path}" for path in found if path.parts[0] != "_build")]


@cache
def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


@cache
def blocks_of(page: str) -> tuple[Block, ...]:
    """The code blocks of a page, in their order."""
    return tuple(_blocks(page))


def _blocks(page: str) -> Iterator[Block]:
    for token in MarkdownIt().parse(text_of(page)):
        if token.type not in ("fence", "code_block") or token.map is None:
            continue
        is_fence = token.type == "fence"
        language = (token.info.strip() or "drawing") if is_fence else "indented"
        yield Block(page, token.map[0] + 1 + is_fence, language, token.content)


@dataclass(frozen=True)
class Command:
    """A line of a console block.

    Attributes:
        block: The block.
        words: The command, without what makes it one for a shell.
        output: What the block shows below it.
    """

    block: Block
    words: tuple[str, ...]
    output: str

    def __str__(self) -> str:
        return " ".join(self.words)


def commands_of(block: Block) -> list[Command]:
    """The commands of a console block: lines that begin with ``$``, and their continuations."""
    told: list[tuple[str, list[str]]] = []
    for line in block.text.replace("\\\n", " ").splitlines():
        if line.startswith("$ "):
            told.append((line[2:], []))
        else:
            told[-1][1].append(line)
    found = []
    for line, output in told:
        words = shlex.split(line, comments=True)
        while "&&" in words:
            end = words.index("&&")
            found.append(Command(block, tuple(words[:end]), ""))
            words = words[end + 1 :]
        while _ASSIGNMENT.match(words[0]):
            del words[0]  # of a variable, for this command
        found.append(Command(block, tuple(words), "\n".join(output)))
    return found
