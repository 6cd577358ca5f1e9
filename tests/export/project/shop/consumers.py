from channels.generic.websocket import AsyncJsonWebsocketConsumer

from chanspec import document_action, document_event


class OrderConsumer(AsyncJsonWebsocketConsumer):
    """Orders: žluťoučký kůň."""

    @document_action(summary="Place an order", payload={"type": "object", "properties": {"n": {"type": "integer"}}})
    async def handle_place(self, content):
        """Place it."""

    @document_event("order.placed", summary="An order was placed")
    async def order_placed(self, event):
        """It was placed."""


class StockConsumer(AsyncJsonWebsocketConsumer):
    @document_action(summary="Watch a product")
    async def handle_watch(self, content):
        """Watch it."""


class PlainConsumer(AsyncJsonWebsocketConsumer):
    """Says nothing about itself."""


class DoubtfulConsumer(AsyncJsonWebsocketConsumer):
    @document_action(
        payload={"type": "object", "properties": {"n": {"type": "integer"}}},
        examples=[{"name": "wrong", "payload": {"action": "count", "n": "three"}}],
    )
    async def handle_count(self, content):
        """Count."""


def helper():
    """No consumer."""


served = OrderConsumer.as_asgi()
