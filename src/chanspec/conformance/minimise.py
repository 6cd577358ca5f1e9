"""A message made smaller while it stays as bad: for those that Hypothesis did not draw, which it cannot shrink."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

__all__ = ["minimised", "size"]


async def minimised(value: Any, is_bad: Callable[[Any], Awaitable[bool]], tries: int) -> Any:
    """The smallest value found that is still bad.

    Args:
        value: A bad value.
        is_bad: Judges a candidate.
        tries: How many candidates are judged at most.
    """
    improved = True
    while improved:
        improved = False
        for candidate in _smaller(value):
            if tries <= 0:
                return value
            tries -= 1
            if await is_bad(candidate):
                value, improved = candidate, True
                break
    return value


def size(value: Any) -> tuple[int, str]:
    """A measure to compare values by."""
    text = repr(value)
    return len(text), text


def _smaller(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for name in list(value):
            yield {key: each for key, each in value.items() if key != name}
        for name, each in value.items():
            yield from ({**value, name: smaller} for smaller in _smaller(each))
    elif isinstance(value, list):
        if len(value) > 1:
            yield value[: len(value) // 2]
        for index in range(min(len(value), 10)):
            yield value[:index] + value[index + 1 :]
        for index, each in enumerate(value[:10]):
            yield from ([*value[:index], smaller, *value[index + 1 :]] for smaller in _smaller(each))
    elif isinstance(value, str) and value:
        yield from (value[: len(value) // 2], value[1:], value[:-1])
    elif isinstance(value, int | float) and not isinstance(value, bool) and value not in (0, 1, -1):
        yield from (0, 1, int(value / 2) if abs(value) < 1e300 else 10)
