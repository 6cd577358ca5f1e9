"""How an assertion that two messages, or two lists of them, are equal reads when they are not."""

from __future__ import annotations

import json

import pytest

from chanspec.messages import PingMessage, PongMessage
from chanspec.testing.comparing import compared
from chanspec.testing.failures import MAX_LINE, MAX_LINES
from tests.testing.chat import Said, Text

LEGEND = "- expected (right), + came (left)"


def said(text: str) -> Said:
    return Said(payload=Text(text=text))


def test_one_message_shows_the_fields_that_differ() -> None:
    lines = compared(said("rain"), said("sun"))
    assert lines is not None
    assert lines[:2] == ["Said == Said", LEGEND]
    assert '  -     "text": "sun"' in lines
    assert '  +     "text": "rain"' in lines
    assert '      "action": "said"' in lines


def test_another_class_with_the_same_content_is_told_by_its_name() -> None:
    lines = compared(PingMessage(), PongMessage())
    assert lines is not None
    assert [line[:15] for line in lines[2:]] == ["  - PongMessage", "  + PingMessage"]


def test_a_list_shows_which_are_missing_which_are_too_many_and_what_differs() -> None:
    lines = compared([PingMessage(), said("a"), PongMessage()], [said("b"), PongMessage(), PongMessage()])
    assert lines is not None
    assert lines[:2] == ["[3 messages] == [3 messages]", LEGEND]
    text = "\n".join(lines[2:])
    assert "PingMessage" in text
    assert '"text": "a"' in text
    assert '"text": "b"' in text


def test_an_empty_list_shows_what_came_or_should_have_come() -> None:
    assert compared([PongMessage()], []) == [
        "[1 message] == [0 messages]",
        LEGEND,
        f"  + PongMessage {json.dumps(PongMessage().model_dump(mode='json'))}",
    ]
    lines = compared([], [PongMessage()])
    assert lines is not None
    assert lines[2].startswith("  - PongMessage")


@pytest.mark.parametrize(("left", "right"), [([], []), (1, 2), ([1], [2]), ([], [1]), ("a", said("a")), (None, [])])
def test_what_is_no_message_is_left_to_pytest(left: object, right: object) -> None:
    assert compared(left, right) is None


def test_what_is_shown_is_bounded_and_printable() -> None:
    many = compared([said("x" * 1000 + "\x1b\n")] * 500, [said("y" * 1000)] * 500)
    assert many is not None
    assert len(many) <= MAX_LINES + 3
    assert all(len(line) <= MAX_LINE and line.isprintable() for line in many)
