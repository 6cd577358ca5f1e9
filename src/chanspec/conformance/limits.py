"""Values between limits that JSON Schema has no words for: ``x-minimum`` and its kin, of decimals and dates, and now.

A limit is a value in the form of the field's own. What cannot be read as one leaves the limits themselves, which are
values too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from hypothesis import strategies as st

from chanspec.conformance.schemas import Flat
from chanspec.schemas.rules import FUTURE, PAST, RULES

__all__ = ["between", "limits_of"]

Strategy: TypeAlias = st.SearchStrategy[Any]

INCLUSIVE = ("x-minimum", "x-maximum")
_LOWER, _UPPER = ("x-minimum", "x-exclusiveMinimum"), ("x-maximum", "x-exclusiveMaximum")
_LARGEST, _FINEST = Decimal(10) ** 12, Decimal(10) ** -12


def limits_of(flat: Flat) -> list[Any]:
    """The limits that are values themselves."""
    return [flat[key] for key in INCLUSIVE if key in flat]


def between(flat: Flat) -> Strategy | None:
    """Values that keep the limits of a flat schema, as far as these can be read; None where it has none."""
    flat = {**_of_rules(flat), **flat}
    if not flat.keys() & {*_LOWER, *_UPPER, "x-multipleOf"}:
        return None
    try:
        made = _READ.get(str(flat.get("format")), _unread)(flat)
    except (ValueError, TypeError, ArithmeticError):
        made = _unread(flat)
    return made


def _of_rules(flat: Flat) -> Flat:
    """What is past, and what is to come, as limits that are the same tomorrow: a run makes the same messages again."""
    rules = flat.get(RULES, ())
    if flat.get("format") not in ("date", "date-time") or not isinstance(rules, list):
        return {}
    limits = {"x-maximum": "2020-01-01"} if PAST in rules else {}
    return {**limits, "x-minimum": "2090-01-01"} if FUTURE in rules else limits


def _unread(flat: Flat) -> Strategy | None:
    limits = limits_of(flat)
    return st.sampled_from(limits) if limits else None


def _ends(flat: Flat, read: Callable[[str], Any], step: Any) -> tuple[Any, Any]:
    """The lowest and the highest value, both inclusive; None where there is no limit."""
    low = [*_read(flat, _LOWER[0], read), *(each + step for each in _read(flat, _LOWER[1], read))]
    high = [*_read(flat, _UPPER[0], read), *(each - step for each in _read(flat, _UPPER[1], read))]
    lowest, highest = max(low, default=None), min(high, default=None)
    if lowest is not None and highest is not None and lowest > highest:
        raise ValueError("nothing is between the limits")
    return lowest, highest


def _read(flat: Flat, key: str, read: Callable[[str], Any]) -> Iterator[Any]:
    if key in flat:
        yield read(str(flat[key]))


def _decimals(flat: Flat) -> Strategy:
    if "x-multipleOf" in flat:
        return _multiples(flat, abs(Decimal(str(flat["x-multipleOf"]))))
    # A pattern may allow no decimal places.
    return st.one_of(_multiples(flat, Decimal(1)), _multiples(flat, Decimal("0.01")))


def _multiples(flat: Flat, step: Decimal) -> Strategy:
    low, high = _ends(flat, Decimal, _FINEST)
    if not _FINEST < step < _LARGEST or any(each is not None and abs(each) > _LARGEST for each in (low, high)):
        raise ValueError("out of reach")
    # An exclusive limit has moved by the finest step, and so rounds to the next multiple.
    first = int((low / step).to_integral_value("ROUND_CEILING")) if low is not None else None
    last = int((high / step).to_integral_value("ROUND_FLOOR")) if high is not None else None
    first = first if first is not None else min(-1000, (last or 0) - 1000)
    last = last if last is not None else max(1000, first + 1000)
    return st.integers(first, last).map(lambda number: f"{number * step:f}") if first <= last else st.nothing()


def _dates(flat: Flat) -> Strategy:
    low, high = _ends(flat, date.fromisoformat, timedelta(days=1))
    return st.dates(low or date.min, high or date.max).map(date.isoformat)


def _moments(flat: Flat) -> Strategy:
    def read(text: str) -> datetime:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo is not None else moment

    low, high = _ends(flat, read, timedelta(seconds=1))
    zone = "" if flat["format"] == "date-time-local" else "Z"
    return st.datetimes(low or datetime.min, high or datetime.max).map(lambda moment: moment.isoformat() + zone)


_READ: dict[str, Callable[[Flat], Strategy | None]] = {
    "decimal": _decimals,
    "date": _dates,
    "date-time": _moments,
    "date-time-local": _moments,
}
