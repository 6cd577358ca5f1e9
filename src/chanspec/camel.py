"""How a field's name is written in camelCase. The document and the wire both ask here, so that they agree."""

from __future__ import annotations

import re

_SEPARATED = re.compile(r"(?<=[^_])_+([^_])")


def camel_case(name: str) -> str:
    """``"user_name"`` → ``"userName"``; leading and trailing underscores, and names in capitals, are kept.

    Args:
        name: A field's name in Python.
    """
    if name.isupper():
        return name
    return _SEPARATED.sub(lambda match: match[1].upper(), name)
