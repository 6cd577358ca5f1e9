"""JSON Schema written by hand: definitions, references and what stands beside them, every draft, odd names."""

from __future__ import annotations

from chanspec import document_action, document_event

POINT = {"type": "object", "properties": {"x": {"type": "number"}}, "required": ["x"], "additionalProperties": False}


class Written:
    @document_action(
        payload={
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": "https://example.com/ride",
            "type": "object",
            "properties": {
                "from": {"$ref": "#/$defs/Point", "description": "Where it begins"},
                "to": {"$ref": "#/$defs/Point"},
                "via": {"type": "array", "prefixItems": [{"$ref": "#/$defs/Point"}], "items": False},
                "self": {"$ref": "#"},
                "anchored": {"$ref": "#tag"},
            },
            "dependentRequired": {"via": ["to"]},
            "$defs": {"Point": POINT, "Tag": {"$anchor": "tag", "type": "string", "maxLength": 9}},
        },
        responses={"done": {"$ref": "#/definitions/Done", "definitions": {"Done": {"type": "object"}}}},
    )
    async def handle_references(self) -> None: ...

    @document_action(
        payload={
            "$schema": "http://json-schema.org/draft-04/schema#",
            "properties": {
                "a": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
                "b": {"type": "string", "example": "x"},
                "c": {"oneOf": [POINT, {"type": "null"}], "discriminator": {"propertyName": "x"}},
            },
        }
    )
    async def handle_older_and_foreign(self) -> None: ...

    @document_action(
        payload={
            "properties": {
                "$ref": {"type": "string"},
                "__proto__": {"type": "string"},
                "hasOwnProperty": True,
                "constructor": {"type": "string"},
                "properties": {"type": "object"},
                "$defs": {"enum": ["$ref", None, 1.5, {"a": []}]},
                "schema": {"const": 123456789012345678901234567890},
                "": False,
                "a/b~c d.é": {"format": "unheard-of", "x-note": {"b": 1}},
                "yes": {"default": "no", "examples": ["on", "1e3", "null", "2024-05-01"]},
            },
            "required": ["constructor"],
        },
        examples=[{"payload": {"action": "odd_names", "constructor": "x", "yes": "no"}}],
    )
    async def handle_odd_names(self) -> None: ...

    @document_event(
        "closed",
        payload={
            "allOf": [{"$ref": "#/$defs/A"}, {"properties": {"b": {}}}],
            "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
            "$defs": {"A": {"properties": {"a": {}, "b": {}}, "additionalProperties": False}},
        },
    )
    async def closed(self) -> None: ...

    @document_event("free", payload={"type": "object", "propertyNames": {"pattern": "^[a-z]+$"}, "minProperties": 1})
    async def free(self) -> None: ...


DOCUMENTS = {"written": {"consumer": Written, "channel_path": "/ws/written/"}}
