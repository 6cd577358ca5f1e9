"""Text of others where a terminal and a CI service read it."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chanspec.terminal import listed, quoted, shown

HARMFUL = [
    "a\nno finding: 9 messages",
    "\x1b[2J\x1b[31mred\x1b]0;title\x07",
    "\x9b31m",
    "a\rb\x08\x00\x7f",
    "\u202eabc\u2066",
    "a\u200b\u2028\u2029\ufeff\U000e0041",
    "::error::file",
    "  ::set-output name=x::y",
    "##[command]x",
    "##vso[task.setvariable variable=x]y",
    "##teamcity[testFailed]",
    "\ud800",
    "</testcase>]]>&",
]


def is_harmless(line: str) -> bool:
    lowered = line.lstrip().casefold()
    starts = any(sign in lowered for sign in ("##[", "##vso[", "##teamcity["))
    return line.isprintable() and not lowered.startswith("::") and not starts


@given(st.text() | st.lists(st.sampled_from([*HARMFUL, " ", ":", "#", "[", "x"])).map("".join), st.booleans())
def test_text_of_others_is_one_line_without_effect(text: str, ascii_only: bool) -> None:
    line = shown(text, 200, ascii_only=ascii_only)
    assert is_harmless(line)
    assert line.isascii() or not ascii_only
    assert len(line) < 240
    if len(line) < 200:
        assert shown(line, 200, ascii_only=ascii_only) == line


def test_harmless_text_is_as_it_was() -> None:
    assert shown("std::vector #1 it's \\d") == "std::vector #1 it's \\d"
    assert shown("Öl 🛢", ascii_only=False) == "Öl 🛢"


def test_long_text_is_cut_and_says_how_long_it_was() -> None:
    assert shown("x" * 10_000_000, 5) == "xxxxx... (10000000 characters)"
    assert listed(["a"] * 102, most=100)[-2:] == ["a", "and 2 more"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_a_shell_reads_back_the_words_that_were_quoted(word: str) -> None:
    if word.startswith(("-", "$")) or "=$" in word:
        return  # those may name variables
    line = quoted(["printf", "%s", f"x{word}"])
    assert is_harmless(line)
    ran = subprocess.run(["bash", "-c", f"LC_ALL=C.UTF-8; {line}"], capture_output=True, timeout=60, check=True)
    assert ran.stdout.decode() == f"x{word}"
