from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

django_application = get_asgi_application()

from shop.consumers import OrderConsumer, PlainConsumer, StockConsumer  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": URLRouter(
            [
                path("ws/orders/<int:order_id>/", OrderConsumer.as_asgi()),
                path("ws/stock/", StockConsumer.as_asgi()),
                path("ws/plain/", PlainConsumer.as_asgi()),
            ]
        ),
    }
)
