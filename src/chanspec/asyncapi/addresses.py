"""Turns the route a user wrote into an AsyncAPI channel address with its parameters.

Knows the spellings of Django, Starlette and AsyncAPI itself, but no framework: it never sees a router,
and it does not read regular expressions (``chanspec.channels.patterns`` does, for Django).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["SLUG_PATTERN", "Address", "AddressError", "Parameter", "build", "parse", "split"]

#: What Django's slug converter takes, without anchors.
SLUG_PATTERN = "[-a-zA-Z0-9_]+"

# RFC 3986 `pchar` and "/", less "{" and "}" (they mark parameters) and "?" and "#" (they end a path).
# "%" stays for what is escaped already.
_PATH_CHARACTERS = "/:@!$&'()*+,;=~-._"
_ESCAPED = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PLACEHOLDER = re.compile(
    r"\{(?P<starlette>[^{}<>/]*)\}"  # {room_id} and {room_id:int}
    r"|<(?P<django>[^{}<>/]*)>"  # <room_id> and <int:room_id>
)
_PARAMETER_NAME = re.compile(r"[A-Za-z0-9_-]+")

_CONVERTERS: dict[str, tuple[dict[str, Any], str]] = {
    "str": ({"type": "string"}, "Text without slashes."),
    "int": ({"type": "integer"}, "A whole number."),
    "float": ({"type": "number"}, "A number."),
    "uuid": ({"type": "string", "format": "uuid"}, "A UUID."),
    "slug": ({"type": "string", "pattern": f"^{SLUG_PATTERN}$"}, "Letters, digits, hyphens and underscores."),
    "path": ({"type": "string"}, "The rest of the path; may hold slashes."),
}


class AddressError(ValueError):
    """A route that no AsyncAPI address can stand for: what is wrong, and what to write instead."""

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(what, cure)
        self.what = what
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.what}; {self.cure}"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named part of an address (AsyncAPI 3, Parameter Object).

    ``schema`` is a JSON Schema fragment: AsyncAPI 3 parameters have no ``schema``, so it is for ``x-schema``.
    ``examples`` are texts that the route probably takes for it. A search for consumers tries them; documents lack them.
    """

    name: str
    schema: dict[str, Any] = field(default_factory=lambda: {"type": "string"})
    description: str = ""
    examples: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Address:
    """A channel's address: ``path`` begins with one slash and names its parameters as ``{name}``."""

    path: str
    parameters: dict[str, Parameter] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.path


def parse(route: str, converters: Mapping[str, Parameter] | None = None) -> Address:
    """Read a route in the spelling of AsyncAPI (``{id}``), Starlette (``{id:int}``) or Django (``<int:id>``).

    ``converters`` describes, by parameter name, parameters whose converter's name says too little (those
    registered with Django). Raises ``AddressError`` for a whole URL, a query or fragment, a regular
    expression, a malformed placeholder or a parameter named twice.
    """
    return build(split(route, converters))


def split(route: str, converters: Mapping[str, Parameter] | None = None) -> list[str | Parameter]:
    """Read a route as ``parse`` does, but leave its texts and parameters apart, for ``build`` to join."""
    _refuse_foreign(route)
    parts: list[str | Parameter] = []
    end = 0
    for match in _PLACEHOLDER.finditer(route):
        parts.append(_literal(route[end : match.start()], route))
        parts.append(_parameter(match, route, converters or {}))
        end = match.end()
    parts.append(_literal(route[end:], route))
    return [part for part in parts if part != ""]


def build(parts: Iterable[str | Parameter]) -> Address:
    """Join literal text and parameters into an address.

    Text is percent-encoded where a URI's path demands it; names are reduced to the characters AsyncAPI
    allows in a parameter's name, and parameters without one are numbered. Raises ``AddressError`` for one
    named twice.
    """
    path = ""
    parameters: dict[str, Parameter] = {}
    unnamed = 0
    for part in parts:
        if isinstance(part, str):
            path += quote(_ESCAPED.sub("%25", part), safe=_PATH_CHARACTERS + "%")
            continue
        if not part.name:
            unnamed += 1
        name = _valid_name(part.name) if part.name else f"part{unnamed}"
        if name in parameters:
            raise AddressError(f"the parameter {name!r} occurs twice in one path", "give each parameter its own name")
        parameters[name] = Parameter(name, part.schema, part.description)
        path += f"{{{name}}}"
    return Address("/" + path.lstrip("/"), parameters)


def _refuse_foreign(route: str) -> None:
    if "(?" in route or route.startswith("^") or route.endswith("$"):
        raise AddressError(
            f"{route!r} is a regular expression",
            "write the path with its parameters in braces, as /ws/rooms/{room_id}/",
        )
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", route):
        raise AddressError(f"{route!r} is a whole URL", "write the path alone; hosts belong in the servers")
    bare = _PLACEHOLDER.sub("", route)
    if "?" in bare or "#" in bare:
        raise AddressError(
            f"{route!r} holds a query or a fragment, which an AsyncAPI address may not",
            "write the path alone; a token in the query belongs in the setting AUTH_QUERY_PARAM",
        )


def _literal(text: str, route: str) -> str:
    if stray := re.search(r"[{}<>]", text):
        raise AddressError(
            f"{route!r} has a stray {stray[0]!r}",
            "write parameters as {name}, {name:int}, <name> or <int:name>",
        )
    return text


def _parameter(match: re.Match[str], route: str, converters: Mapping[str, Parameter]) -> Parameter:
    if match["starlette"] is not None:
        name, _, converter = match["starlette"].partition(":")
    else:
        converter, _, name = match["django"].rpartition(":")
    name = name.strip()
    if not name:
        raise AddressError(f"{route!r} has a parameter without a name", "name it, as in {room_id}")
    if name in converters:
        return converters[name]
    schema, description = _CONVERTERS.get(converter.strip() or "str", _CONVERTERS["str"])
    return Parameter(name, dict(schema), description)


def _valid_name(name: str) -> str:
    """AsyncAPI 3 allows ``[A-Za-z0-9_-]`` in a parameter's name; Python identifiers allow more."""
    if _PARAMETER_NAME.fullmatch(name):
        return name
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", plain).strip("_")
    if not plain:
        raise AddressError(
            f"the parameter name {name!r} has no character that AsyncAPI allows",
            "use letters A-Z, digits, _ and -",
        )
    return plain
