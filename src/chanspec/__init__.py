"""Typed WebSocket APIs for Django Channels, FastAPI and any ASGI app, with a contract that cannot drift."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chanspec.asyncapi import AsyncAPIGenerator
    from chanspec.decorators import document_action, document_event

__version__ = "0.1.0"

__all__ = ["AsyncAPIGenerator", "document_action", "document_event"]


def __getattr__(name: str) -> Any:
    # Each loads when it is asked for: a consumer's module needs the decorators and not the generator, with pydantic and
    # YAML; and pytest, which imports this package for its plugin in every run, needs neither.
    if name == "AsyncAPIGenerator":
        from chanspec.asyncapi import AsyncAPIGenerator

        return AsyncAPIGenerator
    if name in ("document_action", "document_event"):
        from chanspec import decorators

        return getattr(decorators, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
