"""The public names, module by module. What is not here is internal, and may change in any release."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

ALL = ("*",)
"""Whatever the module's ``__all__`` has."""

MODULES: dict[str, tuple[str, ...]] = {
    "chanspec": ALL,
    "chanspec.asyncapi": ALL,
    "chanspec.channels": ALL,
    "chanspec.channels.authenticator": ALL,
    "chanspec.channels.conf": ("settings",),
    "chanspec.channels.discovery": ("DiscoveryError", "discover"),
    "chanspec.channels.dispatch": ALL,
    "chanspec.channels.generator": ("AsyncAPIGenerator",),
    "chanspec.channels.testing": ALL,
    "chanspec.channels.utils.asgi": ALL,
    "chanspec.channels.views": (
        "AsyncAPIDocView",
        "AsyncAPIDocsView",
        "AsyncAPISchemaView",
        "AsyncAPISpecView",
        "NoConsumerError",
        "generate_asyncapi_schema",
    ),
    "chanspec.channels.websocket": ALL,
    "chanspec.conformance": ALL,
    "chanspec.contract": ALL,
    "chanspec.decorators": ALL,
    "chanspec.describing": ALL,
    "chanspec.discovery": ("NotDiscoveredError", "document_of", "generator_of"),
    "chanspec.enforcement": ALL,
    "chanspec.messages": ALL,
    "chanspec.problems": ("Problem",),
    "chanspec.runtime.authenticator": ("BaseAuthenticator", "Credential"),
    "chanspec.runtime.consumer": ("Consumer",),
    "chanspec.runtime.layers": (
        "ChannelFull",
        "ChannelLayer",
        "InMemoryChannelLayer",
        "UnknownLayerError",
        "forget_layers",
        "get_layer",
        "register_layer",
    ),
    "chanspec.runtime.settings": ("RuntimeSettings",),
    "chanspec.schemas": ALL,
    "chanspec.starlette.discovery": ("DiscoveryError", "discover"),
    "chanspec.starlette.docs": ALL,
    "chanspec.starlette.origin": ALL,
    "chanspec.starlette.settings": ALL,
    "chanspec.starlette.views": ALL,
    "chanspec.starlette.websocket": ALL,
    "chanspec.testing": ALL,
}


def names() -> Iterator[tuple[str, str, Any]]:
    """Module, name and value of every public name."""
    for name, listed in MODULES.items():
        module = importlib.import_module(name)
        for each in module.__all__ if listed == ALL else listed:
            yield name, each, getattr(module, each)
