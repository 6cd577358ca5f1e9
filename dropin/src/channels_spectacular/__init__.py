"""chanspec's decorators and generator, under the import name that projects of django-channels-spectacular use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from _chanspec_dropin import refuse_beside_originals

refuse_beside_originals()

from chanspec import __version__, document_action, document_event  # noqa: E402

if TYPE_CHECKING:
    from channels_spectacular.generator import AsyncAPIGenerator

__all__ = ["AsyncAPIGenerator", "__version__", "document_action", "document_event"]


def __getattr__(name: str) -> Any:
    # It reads Django's settings, which a consumer's module can be imported without.
    if name == "AsyncAPIGenerator":
        from channels_spectacular.generator import AsyncAPIGenerator

        return AsyncAPIGenerator
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
