"""The ASGI application: Django for HTTP, the consumers for WebSockets."""

from __future__ import annotations

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# Loads the apps, so it comes before the consumers are imported: they need the models.
django_application = get_asgi_application()

from django.conf import settings  # noqa: E402
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler  # noqa: E402

from dispatch.middleware import QueryTokenAuthMiddleware  # noqa: E402
from dispatch.routing import websocket_urlpatterns  # noqa: E402

application = ProtocolTypeRouter(
    {
        # With DEBUG off, a web server serves what `collectstatic` gathered.
        "http": ASGIStaticFilesHandler(django_application) if settings.DEBUG else django_application,
        # Browsers send the session cookie with a handshake from any page: the origin must be checked.
        "websocket": AllowedHostsOriginValidator(
            AuthMiddlewareStack(QueryTokenAuthMiddleware(URLRouter(websocket_urlpatterns)))
        ),
    }
)
