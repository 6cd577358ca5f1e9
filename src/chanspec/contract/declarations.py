"""Finds the decorated methods of a consumer class, through inheritance and other decorators."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chanspec.notes import NOTES, Note

DESCRIBED_LATER = "_chanspec_described_later"
"""What ``@describe`` leaves on the function itself, where it makes another one of it. Routed is then the wrong one."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """A decorated method as a class body defines it.

    Attributes:
        method: The attribute's name.
        function: The decorated function itself.
        where: ``module:Class.method``.
        notes: What its decorators recorded.
    """

    method: str
    function: Any
    where: str
    notes: tuple[Note, ...]

    def texts(self, note: Note) -> tuple[str, str]:
        """Summary and description: those the note has, else the docstring's first paragraph and the rest."""
        docstring = getattr(self.function, "__doc__", None)
        if note.summary or note.description or not docstring:
            return note.summary, note.description
        first, _, rest = inspect.cleandoc(docstring).partition("\n\n")
        return " ".join(first.split()), rest.strip()


def declarations(consumer: type) -> Iterator[Declaration]:
    """Yield the decorated methods, base classes first, each at the place of its first definition.

    An override with a decorator replaces what it overrides. One without keeps it: the method still handles the
    same message. ``handle_ping = None`` takes a message back, as Python does for ``__hash__``.
    """
    found: dict[str, Declaration] = {}
    for cls in reversed(consumer.__mro__[:-1]):  # `object` declares nothing
        for name, value in vars(cls).items():
            if value is None:
                found.pop(name, None)
            elif (marked := _marked(value)) is not None:
                where = f"{cls.__module__}:{cls.__qualname__}.{name}"
                found[name] = Declaration(name, marked[0], where, marked[1])
    yield from found.values()


def described_by(application: object) -> type | None:
    """The class that says what an application receives and sends; None where none does.

    That is the class that ``as_asgi()`` or ``@describe`` left on it, or the application's own: it is a class of which
    an instance serves a connection, or an instance that serves all.

    Args:
        application: Whatever a router holds.
    """
    attributes: Any = getattr(application, "__dict__", {})
    told = None if isinstance(application, type) else attributes.get("consumer_class")
    if isinstance(told, type):
        return told
    if isinstance(application, functools.partial):
        return described_by(application.func)
    owner = application if isinstance(application, type) else type(application)
    if owner.__module__ in ("builtins", "functools"):
        return None
    return owner if next(declarations(owner), None) is not None else None


def _marked(value: Any) -> tuple[Any, tuple[Note, ...]] | None:
    """The decorated function and its notes, through whatever wraps it; None for any other attribute."""
    found = None
    seen: set[int] = set()
    while value is not None and id(value) not in seen:
        seen.add(id(value))
        # Static look-ups: an attribute may be any object, lazy ones and those whose __getattr__ lies included.
        notes = inspect.getattr_static(value, NOTES, None)
        if isinstance(notes, tuple):
            # functools.wraps copies notes to a wrapper; the innermost that has them is the method as written.
            found = (value, found[1] if found else notes)
        if isinstance(value, staticmethod | classmethod):
            value = value.__func__
        else:
            inner = (inspect.getattr_static(value, attribute, None) for attribute in _WRAPPED)
            value = next((each for each in inner if callable(each)), None)
    return found


_WRAPPED = ("__wrapped__", "func", "awaitable")
"""Where functools.wraps, partialmethod and sync_to_async, and async_to_sync keep what they wrap."""
