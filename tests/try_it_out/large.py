"""A document as large as the page must bear, for its tests and for `benchmarks.page`."""

from __future__ import annotations

from typing import Any

OPERATIONS = 200


def large() -> dict[str, Any]:
    """A document of 200 operations on ten channels, half of them sent by clients, with examples and shared types."""
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    for index in range(OPERATIONS):
        name, channel = f"thing_{index}", f"channel_{index % 10}"
        messages[name] = {
            "title": name,
            "summary": f"About thing {index}",
            "payload": {
                "type": "object",
                "required": ["type", "id"],
                "properties": {
                    "type": {"const": name},
                    "id": {"type": "string", "format": "uuid"},
                    "count": {"type": "integer", "minimum": 0, "description": "How many there are."},
                    "place": {"$ref": "#/components/schemas/Place"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
            },
            "examples": [{"name": "One", "payload": {"type": name, "id": "d290f1ee-6c54-4b01-90e6-d701748f0851"}}],
        }
        entry = channels.setdefault(channel, {"address": f"/ws/{channel}/", "messages": {}})
        entry["messages"][name] = {"$ref": f"#/components/messages/{name}"}
        operations[name] = {
            "action": "receive" if index % 2 else "send",
            "channel": {"$ref": f"#/channels/{channel}"},
            "summary": f"About thing {index}",
            "description": "Some **words** about it.",
            "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"}],
        }
    place = {"type": "object", "properties": {"lat": {"type": "number"}, "lng": {"type": "number"}}}
    return {
        "asyncapi": "3.0.0",
        "x-perspective": "server",
        "info": {"title": "Large", "version": "1.0.0"},
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": {"Place": place}},
    }
