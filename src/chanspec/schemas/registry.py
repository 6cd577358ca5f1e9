"""Who describes a payload class of another library: the extension point of :mod:`chanspec.schemas`.

A *describer* is a function of a class (or instance) and a direction that returns plain JSON Schema, which may
hold ``$defs``. It is found by the class it speaks for, under the entry point group ``chanspec.payloads``::

    [project.entry-points."chanspec.payloads"]
    "marshmallow.schema.Schema" = "my_package.describe:describe_marshmallow"

or registered at run time with :func:`register`. Nothing is imported until such a class is met.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from chanspec.contract import Direction

JsonSchema = dict[str, Any]
Describer = Callable[[Any, Direction], JsonSchema]

GROUP = "chanspec.payloads"

_registered: dict[str, Describer] = {}


class CannotDescribe(TypeError):  # noqa: N818 - reads as what it says
    """A payload has no JSON Schema.

    Args:
        what: What is wrong, without a final full stop.
        cure: What to write instead, as an imperative.
    """

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(f"{what}; {cure}")
        self.what = what
        self.cure = cure


def described_by(describer: Describer, payload: Any, direction: Direction) -> JsonSchema:
    """Call a describer, which is other people's code.

    Raises:
        CannotDescribe: It raised, whatever it was.
    """
    try:
        return describer(payload, direction)
    except CannotDescribe:
        raise
    except Exception as error:
        raise broken(payload, error) from error


def broken(payload: Any, error: Exception) -> CannotDescribe:
    """Make the refusal of a payload whose own code raised ``error`` when it was asked for its schema."""
    told = str(error).partition("\n")[0].removesuffix(".")
    return CannotDescribe(
        f"{name_of(payload)} cannot be described: it raised {type(error).__name__}{told and f': {told}'}",
        "correct what makes its schema, or declare a JSON Schema dict instead",
    )


def name_of(payload: Any) -> str:
    """A class's own name; of another annotation, how it is written."""
    return payload.__qualname__ if isinstance(payload, type) else str(payload)


def register(base: type | str, describer: Describer) -> None:
    """Let ``describer`` describe ``base`` and its subclasses.

    Args:
        base: The class, or its import path (``"package.module.Class"``) when importing it is not wanted.
        describer: Called with the payload (class or instance) and the direction; returns JSON Schema
            (Draft 7 or 2020-12), references to its own ``$defs`` written ``#/$defs/Name``.
    """
    _registered[base if isinstance(base, str) else _path(base)] = describer


def describer_of(payload: Any) -> Describer | None:
    """Return the describer of the nearest registered base class of ``payload`` (a class or an instance)."""
    # By its `__class__`, because a lazy stand-in has that of what it stands for.
    cls = payload if isinstance(payload, type) else payload.__class__
    for base in cls.__mro__[:-1]:
        path = _path(base)
        if path in _registered:
            return _registered[path]
        if path in (installed := _installed()):
            describer: Describer = installed[path].load()
            return describer
    return None


@cache
def _installed() -> dict[str, Any]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _path(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"
