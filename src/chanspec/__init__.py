"""Typed WebSocket APIs for Django Channels, FastAPI and any ASGI app, with a contract that cannot drift."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chanspec.decorators import document_action, document_event

if TYPE_CHECKING:
    from chanspec.asyncapi import AsyncAPIGenerator

__version__ = "0.1.0"

__all__ = ["AsyncAPIGenerator", "document_action", "document_event"]


def __getattr__(name: str) -> Any:
    # A consumer's module needs the decorators only: the generator, with pydantic and YAML, loads when asked for.
    if name == "AsyncAPIGenerator":
        from chanspec.asyncapi import AsyncAPIGenerator

        return AsyncAPIGenerator
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
