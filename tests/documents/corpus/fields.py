"""Consumers whose messages are named by fields of their own, by one in both directions, or by none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from chanspec import document_action, document_event


@dataclass
class Move:
    x: int
    y: int = 0


@dataclass
class Envelope:
    data: Move


class Node(BaseModel):
    name: str
    children: list[Node] = []


class Header(BaseModel):
    kind: Literal["move"]


class Headed(BaseModel):
    header: Header
    body: Move


class Robot:
    """Shared by robots of all wire formats."""

    @document_action(
        "Move it",
        payload=Move,
        responses={"moved": {"x": "integer"}, "refused": None},
        tags=["moves"],
    )
    async def handle_move(self, content: Any) -> None: ...

    @document_action("Stop it", action="stop.now")
    async def handle_stop(self, content: Any) -> None: ...

    @document_event("refused", "It did not move", payload={"properties": {"why": {"type": "string"}}})
    async def refused(self, event: Any) -> None: ...


class Commanded(Robot):
    action_field = "command"
    event_field = "msg_type"

    @document_action(
        "Turn it",
        payload={"properties": {"type": {"enum": ["left", "right"]}, "action": {"type": "string"}}},
        examples=[{"name": "Left", "payload": {"command": "turn", "type": "left", "action": "now"}}],
    )
    async def handle_turn(self, content: Any) -> None: ...


class ActionBothWays(Robot):
    event_field = "action"


class Enveloped:
    action_field = event_field = "type"

    @document_action(
        "Move it",
        payload=Envelope,
        responses={"moved": {"data": {"x": "integer"}}},
        examples=[{"payload": {"type": "move", "data": {"x": 1}}}],
    )
    async def handle_move(self, content: Any) -> None: ...


class Unnamed:
    action_field = event_field = None

    @document_action("Move it", payload=Move, examples=[{"payload": {"x": 1}}])
    async def handle_move(self, content: Any) -> None: ...

    @document_action("Add them", payload=list[int], responses={"sum": {"type": "integer"}})
    async def handle_add(self, content: Any) -> None: ...

    @document_action("Take a tree", payload=Node)
    async def handle_tree(self, content: Any) -> None: ...

    @document_action("Names itself further in", payload=Headed)
    async def handle_headed(self, content: Any) -> None: ...

    @document_event("node", "A tree", payload=Node)
    async def node(self, event: Any) -> None: ...


DOCUMENTS: dict[str, dict[str, Any]] = {
    "fields": {
        "consumers": [
            (Commanded, "/ws/commanded/"),
            (ActionBothWays, "/ws/both/"),
            (Enveloped, "/ws/enveloped/"),
            (Unnamed, "/ws/unnamed/"),
        ]
    }
}
