"""A Django project of one module, which servers serve below a path."""

from __future__ import annotations

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import include, path

from chanspec.channels.websocket import AsyncJsonWebsocketConsumer
from chanspec.decorators import ws_handler
from chanspec.messages import PingMessage, PongMessage

if not settings.configured:
    settings.configure(
        SECRET_KEY="tests",
        ALLOWED_HOSTS=["*"],
        INSTALLED_APPS=["django.contrib.staticfiles", "channels", "chanspec.channels"],
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
        ROOT_URLCONF=__name__,
        ASGI_APPLICATION=f"{__name__}.application",
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        STATIC_URL="static/",
        FORCE_SCRIPT_NAME=os.environ.get("FORCE_SCRIPT_NAME"),
        CHANSPEC={"TITLE": "Echo", "TRY_IT_OUT_ENABLED": True},
    )

http = get_asgi_application()


class EchoConsumer(AsyncJsonWebsocketConsumer):
    @ws_handler
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()


urlpatterns = [path("ws-docs/", include("chanspec.channels.urls"))]
sockets = URLRouter([path("ws/", URLRouter([path("echo/", EchoConsumer.as_asgi())]))])
application = ProtocolTypeRouter({"http": http, "websocket": AllowedHostsOriginValidator(sockets)})
