"""Security schemes of a document: how a client authenticates its handshake (AsyncAPI 3, Security Scheme Object)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chanspec.asyncapi.names import Names, pascal

QUERY_SCHEME = "queryToken"
COOKIE_SCHEME = "cookie"

_BINDING_VERSION = "0.1.0"


@dataclass(frozen=True, slots=True)
class ConsumerSecurity:
    """What the handshake of one consumer carries.

    Attributes:
        bindings: The ``bindings`` member of its channel (WebSockets binding 0.1.0), or nothing.
        requirements: The ``security`` member of its operations, or nothing.
    """

    bindings: dict[str, Any] = field(default_factory=dict)
    requirements: dict[str, Any] = field(default_factory=dict)


class Security:
    """What handshakes may carry: in every channel of the document, and by what each consumer's authenticator reads.

    Any one of the schemes named in a requirement is enough.

    An authenticator class declares ``credentials``, each with a ``name``, a ``location`` (``"query"``, ``"header"``
    or ``"cookie"``) and a ``description``; or, for schemes of other kinds, a class method ``security_schemes`` that
    returns Security Scheme Objects by name.

    Args:
        query_param: The query parameter that carries a token everywhere, or None.
        cookie_name: The cookie that carries a session or token everywhere, or None.
    """

    def __init__(self, query_param: str | None = None, cookie_name: str | None = None) -> None:
        self._schemes: dict[str, dict[str, Any]] = {}
        self._names = Names()
        if query_param:
            self._add(QUERY_SCHEME, _api_key("query", query_param))
        if cookie_name:
            self._add(COOKIE_SCHEME, _api_key("cookie", cookie_name))
        self._everywhere = tuple(self._schemes)

    def schemes(self) -> dict[str, Any]:
        """``components/securitySchemes``, those of the consumers asked for so far included."""
        return dict(self._schemes)

    def requirements(self) -> dict[str, Any]:
        """The ``security`` member of a server: what every channel accepts. Empty where there is nothing."""
        return _requirements(self._everywhere)

    def of(self, consumer: type, *, secure_operations: bool) -> ConsumerSecurity:
        """What a consumer's channel and operations say of its handshake.

        Args:
            consumer: The class.
            secure_operations: Whether its operations also name what is accepted everywhere, for want of servers
                that could.
        """
        own = [self._add(name, scheme) for name, scheme in _declared(getattr(consumer, "authenticator_class", None))]
        named = [*self._everywhere, *own] if secure_operations else own
        carried = [self._schemes[name] for name in dict.fromkeys([*self._everywhere, *own])]
        return ConsumerSecurity(_bindings(carried), _requirements(dict.fromkeys(named)))

    def _add(self, name: str, scheme: dict[str, Any]) -> str:
        """Add a scheme, unless there is one like it, and return its name."""
        for known, each in self._schemes.items():
            if _without_texts(each) == _without_texts(scheme):
                return known
        taken = self._names.take(name)
        self._schemes[taken] = scheme
        return taken


def _declared(authenticator: Any) -> Iterable[tuple[str, dict[str, Any]]]:
    """The schemes that an authenticator class declares, with the names they would have."""
    for credential in getattr(authenticator, "credentials", ()):
        location, name = credential.location, credential.name
        yield location + pascal(name), _api_key(location, name, credential.description)
    schemes = getattr(authenticator, "security_schemes", None)
    if schemes is not None:
        declared: Mapping[str, Mapping[str, Any]] = schemes()
        yield from ((name, dict(scheme)) for name, scheme in declared.items())


def _api_key(location: str, name: str, description: str | None = None) -> dict[str, Any]:
    return {
        "type": "httpApiKey",
        "name": name,
        "in": location,
        "description": description or _DESCRIPTIONS[location].format(name=name),
    }


_DESCRIPTIONS = {
    "query": "A token in the query of the WebSocket URL: `?{name}=…`.",
    "header": "The header `{name}` of the handshake, which browsers cannot set.",
    "cookie": "The cookie `{name}`, which browsers send by themselves.",
}

_IN_BINDINGS = "A token that authenticates the client."


def _without_texts(scheme: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in scheme.items() if key != "description"}


def _requirements(names: Iterable[str]) -> dict[str, Any]:
    references = [{"$ref": f"#/components/securitySchemes/{name}"} for name in names]
    return {"security": references} if references else {}


def _bindings(schemes: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The handshake's query and headers. Cookies have no place of their own in the binding."""
    parts: dict[str, dict[str, Any]] = {}
    for scheme in schemes:
        place = {"query": "query", "header": "headers"}.get(scheme.get("in", ""))
        if place and scheme.get("type") == "httpApiKey":
            part = parts.setdefault(place, {"type": "object", "properties": {}})
            text = scheme.get("description") or _IN_BINDINGS
            if text == _DESCRIPTIONS[scheme["in"]].format(name=scheme["name"]):
                text = _IN_BINDINGS
            part["properties"][scheme["name"]] = {"type": "string", "description": text}
    return {"bindings": {"ws": {**parts, "bindingVersion": _BINDING_VERSION}}} if parts else {}
