"""Any value to plain JSON data: `dict` with `str` keys, `list`, `str`, `int`, `float`, `bool`, `None`.

Examples and defaults bring Python values (a `UUID`, a `Decimal`, an enum member) into a document. They take
their JSON form here, once, so that the YAML and the JSON of a document cannot disagree. Not for describing types.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Set
from enum import Enum
from typing import Any

from pydantic_core import PydanticSerializationError, to_jsonable_python

# As deep as js-yaml reads. Deeper nesting is a value that contains itself, or a mistake.
MAX_DEPTH = 100

_SURROGATE = re.compile("[\ud800-\udfff]")


def plain(value: Any, path: str = "$", depth: int = 0) -> Any:
    """The JSON form of `value`.

    `path` is where `value` stands in its document, for the error's text.

    Raises `TypeError` for a value that has no JSON form, and `ValueError` for one that JSON cannot hold (not a
    finite number, a lone surrogate, two keys that become one, nesting without end). Both name the path.
    """
    kind = type(value)
    if kind is str:
        return value if value.isascii() else _text(value, path)
    if kind is bool or kind is int or value is None:
        return value
    if kind is float:
        return _number(value, path)
    if depth > MAX_DEPTH:
        raise ValueError(f"{path[:80]}…: nested more than {MAX_DEPTH} levels deep; does a value contain itself?")
    if isinstance(value, Enum):
        return plain(value.value, path, depth + 1)
    if isinstance(value, Mapping):
        return _mapping(value, path, depth)
    if isinstance(value, (list, tuple)):
        return [plain(item, f"{path}[{index}]", depth + 1) for index, item in enumerate(value)]
    if isinstance(value, Set):
        # A set has no order of its own: without one the same input would not give the same bytes.
        return sorted((plain(item, f"{path}[]", depth + 1) for item in value), key=_order)
    return _other(value, path, depth)


def uncopied(value: Any, path: str = "$") -> Any:
    """The JSON form of `value`, which is `value` itself where it has that form: for those who only read it.

    `path` and what it raises are as `plain` has them.
    """
    return value if _is_plain(value, 0) else plain(value, path)


def _is_plain(value: Any, depth: int) -> bool:
    kind = type(value)
    if kind is str:
        return value.isascii() or not _SURROGATE.search(value)
    if kind is dict or kind is list:
        if depth > MAX_DEPTH or (kind is dict and not all(type(key) is str and _is_plain(key, 0) for key in value)):
            return False
        return all(_is_plain(each, depth + 1) for each in (value.values() if kind is dict else value))
    return kind is bool or kind is int or value is None or (kind is float and math.isfinite(value))


def _mapping(value: Mapping[Any, Any], path: str, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, item in value.items():
        name = key if type(key) is str and key.isascii() else _key(key, path)
        if name in found:
            raise ValueError(f"{path}: two keys are both written {name!r}")
        # The path is only for errors, and most values cannot have any.
        kind = type(item)
        is_safe = item.isascii() if kind is str else kind is bool or kind is int or item is None
        found[name] = item if is_safe else plain(item, f"{path}.{name}", depth + 1)
    return found


def _key(key: Any, path: str) -> str:
    form = plain(key, f"{path} (a key)")
    if isinstance(form, str):
        return form
    if isinstance(form, (dict, list)):
        raise TypeError(f"{path}: a key is {type(key).__name__}, which JSON has no key form for; write text")
    return json.dumps(form)


def _text(value: str, path: str) -> str:
    text = str.__str__(value)
    if _SURROGATE.search(text):
        raise ValueError(f"{path}: text with half of a surrogate pair, which UTF-8 cannot write")
    return text


def _number(value: float, path: str) -> float:
    if not math.isfinite(value):
        raise ValueError(f"{path}: {value} is not a JSON number; write a finite number, null or text")
    return float(value)


def _other(value: Any, path: str, depth: int) -> Any:
    """Subclasses of the plain types, lazy translations, and what pydantic writes as JSON."""
    if isinstance(value, str):
        return _text(value, path)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return _number(value, path)
    if _is_lazy_text(value):
        return _text(str(value), path)
    try:
        form = to_jsonable_python(value, inf_nan_mode="constants")
    except (PydanticSerializationError, ValueError, TypeError) as error:
        name = f"{type(value).__module__}.{type(value).__qualname__}"
        raise TypeError(f"{path}: a value of type {name} has no JSON form; write it as JSON would hold it") from error
    return plain(form, path, depth + 1)


def _is_lazy_text(value: Any) -> bool:
    # Django's lazy translations, known by name: the core does not import Django.
    return any(
        base.__name__ == "Promise" and base.__module__ == "django.utils.functional" for base in type(value).__mro__
    )


def _order(form: Any) -> str:
    return json.dumps(form, sort_keys=True)
