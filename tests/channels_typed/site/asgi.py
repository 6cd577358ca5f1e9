"""The served application, with everything that usually stands around consumers."""

from __future__ import annotations

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.channels_typed.site.settings")
django_application = get_asgi_application()

from django.conf import settings  # noqa: E402

from chanspec.channels import database  # noqa: E402
from tests.channels_typed.site import hops  # noqa: E402
from tests.channels_typed.site.routing import routes  # noqa: E402

hops.install()
database.RECENTLY = getattr(settings, "RECENTLY", database.RECENTLY)

application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(routes))),
    }
)
