"""Objects of the document that its user gives whole, checked against the standard: info and servers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsonschema_rs

from chanspec.asyncapi.plain import plain
from chanspec.problems import near_match

DEFAULT_INFO = {"title": "WebSocket API", "version": "1.0.0"}

_TEXT = {"type": "string"}
_URI = {"type": "string", "format": "uri"}


def _object(properties: dict[str, Any], required: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "patternProperties": {r"^x-[\w.-]+$": True},
        "additionalProperties": False,
    }


_LINK = _object({"description": _TEXT, "url": _URI}, ("url",))
_TAGS = {
    "type": "array",
    "items": _object({"name": _TEXT, "description": _TEXT, "externalDocs": _LINK}, ("name",)),
    "uniqueItems": True,
}
_INFO = _object(
    {
        "title": _TEXT,
        "version": _TEXT,
        "description": _TEXT,
        "termsOfService": _URI,
        "contact": _object({"name": _TEXT, "url": _URI, "email": {"type": "string", "format": "email"}}),
        "license": _object({"name": _TEXT, "url": _URI}, ("name",)),
        "tags": _TAGS,
        "externalDocs": _LINK,
    },
    ("title", "version"),
)
_VARIABLE = _object(
    {
        "enum": {"type": "array", "items": _TEXT, "uniqueItems": True},
        "default": _TEXT,
        "description": _TEXT,
        "examples": {"type": "array", "items": _TEXT},
    }
)
_SERVER = _object(
    {
        "host": {"type": "string", "minLength": 1},
        "protocol": {"type": "string", "minLength": 1},
        "pathname": _TEXT,
        "title": _TEXT,
        "summary": _TEXT,
        "description": _TEXT,
        "protocolVersion": _TEXT,
        "variables": {"type": "object", "additionalProperties": _VARIABLE},
        "security": {"type": "array", "items": {"type": "object"}},
        "tags": _TAGS,
        "externalDocs": _LINK,
        "bindings": {"type": "object"},
    },
    ("host", "protocol"),
)
_EXAMPLE_SERVER = 'write {"host": "api.example.com", "protocol": "wss"}'


def checked_info(info: Mapping[str, Any]) -> dict[str, Any]:
    """Return the Info Object, with defaults for what is empty.

    Raises:
        TypeError: It has a member that the standard has not, or one of the wrong kind.
    """
    told = {key: value for key, value in info.items() if value not in (None, "")}
    if isinstance(told.get("version"), int | float):  # YAML and Python write 1.0 for "1.0"
        told["version"] = str(told["version"])
    return _checked("info", DEFAULT_INFO | told, _INFO, 'write {"title": "Dispatch API", "version": "1.0.0"}')


def checked_servers(servers: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the Servers Object.

    Raises:
        TypeError: A server has no ``host`` or ``protocol``, a member that the standard has not, or one of the
            wrong kind.
    """
    return {name: _checked(f"server {name!r}", server, _SERVER, _EXAMPLE_SERVER) for name, server in servers.items()}


def _checked(what: str, value: Any, schema: dict[str, Any], cure: str) -> dict[str, Any]:
    form: dict[str, Any] = plain(value, what)
    wrong = next(jsonschema_rs.Draft7Validator(schema, validate_formats=True).iter_errors(form), None)
    if wrong is not None:
        place = "".join(f".{part}" for part in wrong.instance_path)
        said = _misspelt(form, schema) or f"{place}: {wrong.message}"
        raise TypeError(f"{what}{said}; {cure}")
    return form


def _misspelt(form: Any, schema: dict[str, Any]) -> str:
    """The first member that the standard has not and that is near to one that it has."""
    known = schema["properties"]
    unknown = [key for key in form if key not in known and not key.startswith("x-")] if isinstance(form, dict) else []
    hints = ((key, near_match(key, known)) for key in unknown)
    return next((f": {key!r} is no member{hint}" for key, hint in hints if hint), "")
