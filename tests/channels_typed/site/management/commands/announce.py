"""Tells everybody in a room something, from a process that serves nobody."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tests.channels_typed.site.consumers import News, RoomConsumer


class Command(BaseCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("room")
        parser.add_argument("text")

    def handle(self, *args: Any, room: str, text: str, **options: Any) -> None:
        RoomConsumer.broadcast_event_sync(News(payload=text), groups=[f"room.{room}"])
