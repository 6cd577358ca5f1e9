"""Keeps numbers that JSON has no word for out of messages: NaN, Infinity, and what is too large, as ``1e999`` is.

Pydantic takes them for floats, as constants and as strings, and writes them as ``null``, which no document of a number
allows. An application that means them says so: ``allow_inf_nan=True`` takes them, ``ser_json_inf_nan="strings"`` or
``"null"`` writes them as that. Else they are mistakes in what a client sends, and errors in what is sent.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import InitErrorDetails, PydanticSerializationError, from_json

from chanspec.aliases import OPAQUE, nodes, serializer

_CONFIGURED = ("dataclass", "model", "typed-dict")
_UNTYPED = frozenset({"any", "function-plain"})
_CONFIG = {"allow_inf_nan": False, "ser_json_inf_nan": "constants"}

# What numbers that are too large have.
_EXPONENT = re.compile(r"[eE]\+?\d\d")
_DIGITS = re.compile(r"\d{300}")


Place = tuple[str | int, ...]
TEXT = "Input should be a finite number"


def refusing(schema: Any) -> Any:
    """Return a core schema whose floats are finite, unless it says itself what they are to be."""
    return _configured(schema) if any(each.get("type") == "float" for each in nodes(schema)) else schema


def holds_untyped(schema: Any) -> bool:
    """Whether a core schema takes values that it does not look into, and says nowhere that numbers may be infinite."""
    found = False
    for each in nodes(schema):
        config = each.get("config") or {}
        if each.get("allow_inf_nan") or config.get("allow_inf_nan"):
            return False
        extra = each.get("extra_behavior") or config.get("extra_fields_behavior")
        found = found or each.get("type") in _UNTYPED or (extra == "allow" and "extras_schema" not in each)
    return found


class NotFiniteError(ValueError):
    """Some JSON that holds a number that is not finite, at a place."""

    def __init__(self, place: Place) -> None:
        super().__init__(TEXT)
        self.place = place

    def as_validation_error(self, outer: Place = ()) -> ValidationError:
        """The same as pydantic says it of a float."""
        error: InitErrorDetails = {"type": "finite_number", "loc": (*outer, *self.place), "input": math.nan}
        return ValidationError.from_exception_data("message", [error])


def check_text(text: str) -> None:
    """Refuse JSON that holds a number that is not finite.

    Raises:
        NotFiniteError: It does.
        ValueError: It is no JSON.
    """
    # Most texts hold none of these, which costs less to see than to look at every value.
    if (
        "NaN" in text or "Infinity" in text or _EXPONENT.search(text) or (len(text) > 300 and _DIGITS.search(text))
    ) and (place := place_in(from_json(text))) is not None:
        raise NotFiniteError(place)


def place_in(content: Any) -> Place | None:
    """Where a number is that is not finite, in JSON, or in models and what they hold; None where all are."""
    if _is_finite(content):
        return None
    waiting: list[tuple[Place, Any]] = [((), content)]
    for place, value in waiting:  # which grows meanwhile
        if isinstance(value, float) and not math.isfinite(value):
            return place
        if isinstance(value, _SEVERAL):
            waiting += [((*place, index), each) for index, each in enumerate(value)]
        elif type(value) not in _PLAIN:
            waiting += [((*place, str(key)), each) for key, each in _fields(value).items()]
    return None


def _is_finite(content: Any) -> bool:
    """Whether all numbers are: 0.1 µs for each value, a fifth of what it takes to know their places too."""
    waiting = [content]
    for value in waiting:
        kind = type(value)
        if kind in _PLAIN:
            continue
        if kind is dict:
            waiting += value.values()
        elif kind is list or kind is tuple:
            waiting += value
        elif isinstance(value, float):
            if not math.isfinite(value):
                return False
        else:
            waiting += value if isinstance(value, _SEVERAL) else _fields(value).values()
    return True


def _fields(value: Any) -> Mapping[Any, Any]:
    """What pydantic writes of an object: not all that it has, which may lead back to it."""
    if isinstance(value, Mapping):
        return value
    if isinstance(value, BaseModel):
        own = {name: value.__dict__.get(name) for name in type(value).model_fields}
        return {**own, **(value.__pydantic_extra__ or {})}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: getattr(value, each.name, None) for each in dataclasses.fields(value)}
    return {}


_SEVERAL = (list, tuple, set, frozenset, deque)
_PLAIN = frozenset({str, int, bool, type(None)})


def writer(cls: type[BaseModel], schema: Any, *, is_changed: bool) -> Callable[..., bytes]:
    """What writes messages of a class as JSON, and raises where that holds a number that is not finite.

    A class that has no number of that kind is written by pydantic's own serializer.

    Args:
        cls: The class.
        schema: Its core schema, as it is on the wire.
        is_changed: Whether that differs from the class's own.
    """
    parts = list(nodes(schema))
    is_open = any(
        each.get("type") == "any"
        or "allow" in (each.get("extra_behavior"), (each.get("config") or {}).get("extra_fields_behavior"))
        or isinstance(each.get("serialization"), Mapping)
        for each in parts
    )
    if not is_open and all(each.get("type") != "float" for each in parts):
        return serializer(schema).to_json if is_changed else cls.__pydantic_serializer__.to_json
    says_itself = any("ser_json_inf_nan" in (each.get("config") or {}) for each in parts)
    write = serializer(_configured(schema), _CONFIG).to_json

    def written(message: BaseModel, by_alias: bool) -> bytes:
        text = write(message, by_alias=by_alias)
        if b"NaN" in text or b"Infinity" in text:
            place = place_in(from_json(text))
        elif is_open and not says_itself and b"null" in text:
            # A model where any value may stand is written by its own serializer, which makes null of them.
            place = place_in(message)
        else:
            return text
        if place is None:  # a word in a string
            return text
        raise not_finite(f"{cls.__module__}:{cls.__qualname__}", place)

    return written


def not_finite(what: str, place: Place) -> PydanticSerializationError:
    """The error of whoever sends a number that is not finite."""
    where = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in place[:20])
    return PydanticSerializationError(
        f"{what}{where} is not finite, and JSON has no such number; send None or a string, and declare that, or set "
        'ser_json_inf_nan="strings" or "null" in the model\'s config'
    )


def _configured(node: Any) -> Any:
    """The same core schema with what this module wants in each config, where the application wants nothing else."""
    if isinstance(node, list | tuple):
        return type(node)(_configured(each) for each in node)
    if not isinstance(node, Mapping):
        return node
    walked = {key: value if key in OPAQUE else _configured(value) for key, value in node.items()}
    if walked.get("type") in _CONFIGURED:
        walked["config"] = {**_CONFIG, **walked.get("config", {})}
    return walked
