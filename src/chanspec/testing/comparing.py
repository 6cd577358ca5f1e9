"""How pytest shows two messages, or two lists of them, that a test asserts to be equal and that are not."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

from chanspec.messages import BaseMessage
from chanspec.testing.failures import bounded, differences, one_line

MAX_COMPARED = 200


def compared(left: object, right: object) -> list[str] | None:
    """What differs, as lines for ``pytest_assertrepr_compare``: ``-`` what was expected, ``+`` what came.

    Args:
        left: What came: a message or a list of messages.
        right: What was expected: the same.

    Returns:
        The lines, bounded; None where these are not messages.
    """
    if isinstance(left, BaseMessage) and isinstance(right, BaseMessage):
        title, lines = f"{_name(left)} == {_name(right)}", list(_pair(left, right))
    elif _are_messages(left) and _are_messages(right) and (left or right):
        title = f"{_count(left)} == {_count(right)}"
        lines = list(_lists(left, right))
    else:
        return None
    return [title, "- expected (right), + came (left)", *bounded(lines).splitlines()]


def _are_messages(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, BaseMessage) for each in value)


def _lists(left: Any, right: Any) -> Iterator[str]:
    came = [_line(each) for each in left[:MAX_COMPARED]]
    expected = [_line(each) for each in right[:MAX_COMPARED]]
    for kind, from_right, to_right, from_left, to_left in SequenceMatcher(
        None, expected, came, autojunk=False
    ).get_opcodes():
        pairs = min(to_right - from_right, to_left - from_left)
        for index in range(pairs):
            if kind == "equal":
                yield f"    {expected[from_right + index]}"
            else:
                yield from _pair(left[from_left + index], right[from_right + index])
        yield from (f"  - {each}" for each in expected[from_right + pairs : to_right])
        yield from (f"  + {each}" for each in came[from_left + pairs : to_left])


def _pair(left: BaseMessage, right: BaseMessage) -> Iterator[str]:
    came, expected = _content(left), _content(right)
    if type(left) is not type(right) or came == expected:
        yield f"  - {_line(right)}"
        yield f"  + {_line(left)}"
    else:
        yield f"    {_name(left)}"
        yield from differences(expected, came)


def _line(message: BaseMessage) -> str:
    return f"{_name(message)} {one_line(_content(message))}"


def _content(message: BaseMessage) -> Any:
    return message.model_dump(mode="json", warnings=False)


def _name(message: BaseMessage) -> str:
    return type(message).__name__


def _count(messages: Any) -> str:
    return f"[{len(messages)} message{'' if len(messages) == 1 else 's'}]"
