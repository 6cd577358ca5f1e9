"""Names of parametrized tests. They are the same in every process, so that several can share the tests."""

from __future__ import annotations

import re


def shown(value: object) -> str:
    """A value as text, without the address that objects have in memory."""
    return re.sub(r" at 0x[0-9a-f]+", "", str(value))
