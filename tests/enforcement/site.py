"""What the tests serve by real servers: a Django application of every kind of consumer, inside the middleware."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.urls import path  # noqa: E402

from chanspec.enforcement import ContractMiddleware  # noqa: E402
from tests.enforcement.consumers import AnnotatedConsumer, DispatchingConsumer, SyncConsumer, TypedConsumer  # noqa: E402

routes = [
    path("annotated", AnnotatedConsumer.as_asgi()),
    path("sync", SyncConsumer.as_asgi()),
    path("dispatching", DispatchingConsumer.as_asgi()),
    path("typed", TypedConsumer.as_asgi()),
]
application = ContractMiddleware(
    ProtocolTypeRouter({"websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(routes)))}),
    mode=os.environ.get("MODE", "error"),  # type: ignore[arg-type]
)
