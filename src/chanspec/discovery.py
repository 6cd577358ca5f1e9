"""The consumers of any ASGI application, whichever framework routes them, and the generator of their document.

The frameworks' own walks do the work (``chanspec.channels.discovery``, ``chanspec.starlette.discovery``); here it is
only seen which of them an application belongs to. A framework that is not in use is not imported.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chanspec.asyncapi import wrappers

if TYPE_CHECKING:
    from chanspec.asyncapi.generator import AsyncAPIGenerator
    from chanspec.asyncapi.walk import Discovery
    from chanspec.starlette.docs import AsyncAPIDocs

__all__ = ["NotDiscoveredError", "document_of", "generator_of", "is_django", "mounted_docs", "walk"]


class NotDiscoveredError(ValueError):
    """No consumer with a contract was found in the application."""


def document_of(app: object) -> dict[str, Any]:
    """The AsyncAPI document of the consumers that an application routes.

    Args:
        app: The application: of FastAPI, Starlette or Channels, bare or in middleware.

    Raises:
        NotDiscoveredError: There is none.
    """
    return generator_of(app).get_spec()


def generator_of(app: object, **arguments: Any) -> AsyncAPIGenerator:
    """The generator for the consumers that an application routes; in a Django project the one with its settings.

    Args:
        app: The application.
        arguments: More arguments of the generator.

    Raises:
        NotDiscoveredError: No consumer with a contract was found.
    """
    found = walk(app)
    consumers = [(route.consumer, route.address) for route in found.documented]
    if not consumers:
        raise NotDiscoveredError(
            f"no consumer that declares messages was found in {wrappers.name_of(app)}: {found.why_nothing()}, or pass "
            "the document"
        )
    if is_django(app):
        from chanspec.channels.generator import AsyncAPIGenerator as DjangoGenerator

        return DjangoGenerator(consumers=consumers, **arguments)
    from chanspec.asyncapi.generator import AsyncAPIGenerator

    return AsyncAPIGenerator(consumers=consumers, **arguments)


def walk(app: object) -> Discovery:
    """All consumers of an application, with or without a contract, and the problems met."""
    if is_django(app):
        from chanspec.channels import discovery as channels_discovery

        return _walked(channels_discovery, app)
    if "starlette" in sys.modules:
        from chanspec.starlette import discovery as starlette_discovery

        return _walked(starlette_discovery, app)
    return _nothing()


def mounted_docs(app: object) -> AsyncAPIDocs | None:
    """The docs that a Starlette or FastAPI application mounts, whose configuration its document follows."""
    if not _has("chanspec.starlette.docs"):
        return None
    from starlette.routing import Mount

    from chanspec.starlette.docs import AsyncAPIDocs

    for each in _unwrapped(app, through_routers=True):
        for route in getattr(each, "routes", None) or ():
            if isinstance(route, Mount) and isinstance(route.app, AsyncAPIDocs):
                return route.app
    return None


def is_django(app: object) -> bool:
    """Whether Channels routes the application's WebSockets, rather than Starlette."""
    if not _has("channels.routing") or not _is_configured():
        return False
    from channels.consumer import AsyncConsumer
    from channels.routing import ProtocolTypeRouter, URLRouter

    return any(
        isinstance(each, ProtocolTypeRouter | URLRouter | AsyncConsumer)
        or (isinstance(cls := getattr(each, "consumer_class", None), type) and issubclass(cls, AsyncConsumer))
        or (type(each).__module__ or "").startswith("django.core.handlers")
        for each in _unwrapped(app)
    )


def _walked(module: Any, app: object) -> Discovery:
    try:
        found: Discovery = module.walk(app)
    except module.DiscoveryError:
        return _nothing()
    return found


def _nothing() -> Discovery:
    from chanspec.asyncapi.walk import Discovery

    return Discovery((), ())


def _has(module: str) -> bool:
    return module in sys.modules


def _is_configured() -> bool:
    conf = sys.modules.get("django.conf")
    return conf is not None and bool(conf.settings.configured)


def _unwrapped(app: object, *, through_routers: bool = False) -> list[object]:
    """The application and what the middleware around it holds, down to the first router of Starlette's."""
    found: list[object] = []
    waiting = [app]
    starlette: Mapping[str, Any] = vars(sys.modules["starlette.routing"]) if _has("starlette.routing") else {}
    routers = tuple(each for name in ("Router", "BaseRoute") if isinstance(each := starlette.get(name), type))
    while waiting and len(found) < wrappers.MAX_DEPTH:
        each = waiting.pop(0)
        is_router = isinstance(each, routers) or hasattr(each, "router")
        if any(each is other for other in found) or (is_router and not through_routers):
            continue
        found.append(each)
        if not is_router and wrappers.is_application(each):
            waiting += [inner for batch in wrappers.inner_of(each) for inner in batch]
    return found
