"""What a FastAPI application takes from chanspec, in one place: consumer, docs, origin check and channel layers.

The same names serve Starlette; each lives in :mod:`chanspec.starlette`, :mod:`chanspec.enforcement` or
:mod:`chanspec.runtime.layers`. Decorators and messages are in :mod:`chanspec` itself.

Example:
    >>> from chanspec import BaseMessage, ws_handler
    >>> from chanspec.fastapi import AsyncAPIDocs, AsyncJsonWebsocketConsumer, OriginValidator
"""

from __future__ import annotations

from chanspec.enforcement import ContractMiddleware
from chanspec.runtime.layers import InMemoryChannelLayer, get_layer, register_layer
from chanspec.starlette.docs import AsyncAPIDocs
from chanspec.starlette.origin import OriginValidator
from chanspec.starlette.settings import configure
from chanspec.starlette.views import AsyncAPIConfig, asyncapi_docs, asyncapi_spec_json, asyncapi_spec_yaml
from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer

__all__ = [
    "AsyncAPIConfig",
    "AsyncAPIDocs",
    "AsyncJsonWebsocketConsumer",
    "ContractMiddleware",
    "InMemoryChannelLayer",
    "OriginValidator",
    "asyncapi_docs",
    "asyncapi_spec_json",
    "asyncapi_spec_yaml",
    "configure",
    "get_layer",
    "register_layer",
]
