"""How formats are checked in what a server sends: as they are written in practice, which RFC 3339 is stricter than.

Python and Django REST framework write dates and times without an offset where they have none, and durations with a
sign; those are documented by the same formats, for want of others.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable

_DURATION = re.compile(r"[+-]?P(?=.)(\d+(\.\d+)?W|(\d+Y)?(\d+M)?(\d+(\.\d+)?D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?)")
_DJANGO_DURATION = re.compile(r"-?(\d+ )?\d{2}:\d{2}:\d{2}(\.\d{1,6})?")


def _read_by(read: Callable[[str], object]) -> Callable[[str], bool]:
    def is_valid(text: str) -> bool:
        try:
            read(text)
        except ValueError:
            return False
        return True

    return is_valid


LENIENT: dict[str, Callable[[str], bool]] = {
    "date-time": _read_by(datetime.datetime.fromisoformat),
    "date": _read_by(datetime.date.fromisoformat),
    "time": _read_by(datetime.time.fromisoformat),
    "duration": lambda text: (_DURATION.fullmatch(text) or _DJANGO_DURATION.fullmatch(text)) is not None,
    # An address may have letters of any alphabet (RFC 6531).
    "email": lambda text: 0 < text.find("@") < len(text) - 1,
}
