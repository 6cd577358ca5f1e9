"""Every mistake that is a problem and not an error: the document stays correct, and poorer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from chanspec import document_action, document_event


class Unknown:
    pass


@dataclass
class Payload:
    x: int


class Silent:
    """Declares nothing."""


class Mistaken:
    @document_action(action="twice", payload=Payload)
    async def handle_first(self) -> None: ...

    @document_action(action="twice", payload=Unknown)
    async def handle_second(self) -> None: ...

    @document_action(payload=Payload(1))
    async def handle_instance(self) -> None: ...

    @document_action(payload=list[Payload])
    async def handle_list(self) -> None: ...

    @document_action("a_name_for_a_summary", payload={"type": "array", "items": {"type": "string"}})
    async def handle_array(self) -> None: ...

    @document_action(payload={"type": "text"})
    async def handle_schema(self) -> None: ...

    @document_action(payload={"properties": {"a": {"$ref": "#/definitions/Missing"}}})
    async def handle_missing(self) -> None: ...

    @document_action(payload={"$ref": "https://example.com/schema.json"})
    async def handle_outside(self) -> None: ...

    @document_action(payload={"ride_id": "uuid", "seats": "integer"})
    async def handle_shorthand(self) -> None: ...

    @document_action(payload={"title": "string", "ride_id": "uuid"})
    async def handle_shorthand_with_a_title(self) -> None: ...

    @document_action(payload={"title": "string", "description": "string"})
    async def handle_shorthand_of_texts(self) -> None: ...

    @document_action(payload={"properties": {"ride": {"driver": {"type": "string"}}}})
    async def handle_shorthand_further_in(self) -> None: ...

    @document_action(payload={"type": "object", "propertes": {"ride_id": {"type": "string"}}})
    async def handle_misspelt(self) -> None: ...

    @document_action(
        payload={
            "properties": {
                "note": {"type": "string", "nullable": True},
                "ride": {"$ref": "#/$defs/Ride", "nullable": True},
                "seats": {"type": "integer", "nullable": False},
            },
            "$defs": {"Ride": {"type": "object"}},
        },
        responses={"nullable": {"note": {"type": "string", "nullable": True}}},
    )
    async def handle_open_api(self) -> None: ...

    @document_action(payload=BaseModel)
    async def handle_base(self) -> None: ...

    @document_action(payload={"properties": {"action": {"const": "other"}}})
    async def handle_other_action(self) -> None: ...

    @document_action(
        payload=Payload,
        examples=[
            {"name": "Good", "payload": {"action": "examples", "x": 1}},
            {"name": "Wrong type", "payload": {"action": "examples", "x": "one"}},
            {"name": "Incomplete", "payload": {"action": "examples"}},
            {"name": "Without a name", "payload": {"y": 2}},
            {"name": "No payload"},
            {"payload": {"action": "examples", "x": 1}, "descrption": "Unknown key"},
            {"payload": {"action": "examples", "x": float("inf")}},
            {"payload": {"action": "examples", "x": 1, "y": {"$ref": "#/nowhere"}}},
            {"name": 3, "payload": {}},
            "text",
        ],
        responses={"other": {"x": "integer"}, "mistyped": {"id": "uid"}},
    )
    async def handle_examples(self) -> None: ...

    @document_event("told", payload=Payload)
    async def told(self) -> None: ...

    @document_event("told")
    async def told_again(self) -> None: ...

    @document_event("other", payload=Payload)
    async def other(self) -> None: ...

    @document_event("lazy", payload={"properties": {"a": {"default": object()}}})
    async def lazy(self, event: Any) -> None: ...


DOCUMENTS = {
    "mistakes": {"consumers": [(Mistaken, "/ws/mistaken/"), (Silent, "/ws/silent/")]},
    "empty": {"consumer": Silent},
}
