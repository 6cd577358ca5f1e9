"""What can be seen before any client connects, and would fail then: consumers without a layer, no server."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

from chanspec.contract import contract_of
from chanspec.problems import Problem

__all__ = ["has_server", "layer_missing"]


def layer_missing(consumer: Any, layer_of: Callable[[], Any], cure: str) -> Problem | None:
    """The problem of a class whose connections fail for want of a channel layer; None where all is well.

    Args:
        consumer: The class, of chanspec or of Channels itself.
        layer_of: Returns its layer, or None, or raises why there is none.
        cure: What to write to have one.
    """
    groups = [*_names(consumer, "groups"), *_names(consumer, "_extra_groups")]
    event_handlers = contract_of(consumer).event_handlers
    try:
        layer, why = layer_of(), ""
    except Exception as error:  # of a backend that cannot be imported, or an alias that nobody knows
        layer, why = None, f" ({type(error).__name__}: {' '.join(str(error).split())})"
    # Every connection asks for the layer, and fails where that raises. Without groups it may be None.
    if layer is not None or not (groups or event_handlers or why):
        return None
    needs = f"has the groups {', '.join(map(repr, groups))}, and there is" if groups else "has"
    if event_handlers and not groups:
        needs = f"has the event handler {event_handlers[0].method}, and there is"
    where = f"{consumer.__module__}:{consumer.__qualname__}"
    alias = getattr(consumer, "channel_layer_alias", "default")
    return Problem(where, f"{needs} no channel layer {alias!r}{why}", cure, is_error=True)


def _names(consumer: type, attribute: str) -> list[str]:
    """The group names of a class; none where each instance says them itself, by a property for instance."""
    found = getattr(consumer, attribute, None)
    return [str(each) for each in found] if isinstance(found, list | tuple | set | frozenset) else []


def has_server() -> bool:
    """Whether a server is installed that serves WebSockets. uvicorn does so with one of two libraries."""
    if any(map(_is_installed, ("daphne", "hypercorn", "granian"))):
        return True
    return _is_installed("uvicorn") and any(map(_is_installed, ("websockets", "wsproto")))


def _is_installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None
