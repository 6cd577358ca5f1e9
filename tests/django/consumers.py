"""Consumers that the tests of views document."""

from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.utils.translation import gettext_lazy

from chanspec import document_action, document_event


class RideConsumer(AsyncJsonWebsocketConsumer):
    @document_action(summary="Request a ride", payload={"properties": {"fare": {"type": "string"}}})
    async def handle_request_ride(self, content): ...


class NoticeConsumer(AsyncJsonWebsocketConsumer):
    @document_event("notice.new")
    async def notice_new(self, event): ...


class MistakenConsumer(AsyncJsonWebsocketConsumer):
    @document_action(payload=list[int])
    async def handle_numbers(self, content): ...


class SilentConsumer(AsyncJsonWebsocketConsumer):
    pass


class TranslatedConsumer(AsyncJsonWebsocketConsumer):
    @document_action(summary=gettext_lazy("Yes"))
    async def handle_agree(self, content): ...
