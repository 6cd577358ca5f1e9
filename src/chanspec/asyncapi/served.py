"""Documents as they are sent, kept while their arguments are the same, so that asking again costs nothing.

It knows no framework; views ask it for bytes and an entity tag.
"""

from __future__ import annotations

import hashlib
import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Literal, TypeAlias, TypeVar

from chanspec.asyncapi import text
from chanspec.asyncapi.addresses import Address
from chanspec.asyncapi.generator import AsyncAPIGenerator

__all__ = ["KEPT", "MEDIA_TYPES", "Document", "Documents", "Form"]

logger = logging.getLogger("chanspec")

Form: TypeAlias = Literal["yaml", "json"]

MEDIA_TYPES: Mapping[str, str] = {"yaml": "application/yaml", "json": "application/json"}

KEPT = 32
"""How many documents are kept, and for how many servers it is known how they are written: clients name them."""

_LONGEST_KEPT = 4096  # bytes of servers

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it is sent, and its strong entity tag (RFC 9110, 8.8.3)."""

    content: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class _Built:
    """The text of a document around its servers, and what it is known by."""

    before: bytes
    after: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class _Servers:
    """The servers of a document as they are written, and the key of the rest."""

    content: bytes
    rest: Hashable


class Documents:
    """The documents that a generator has made, the most recent ones kept.

    A client names the server, by its ``Host`` header, and may name as many as it likes. So a document is built once for
    all servers, and only they are written for each.

    Args:
        generator: Returns the generator for arguments that are given by name.
    """

    def __init__(self, generator: Callable[..., AsyncAPIGenerator]) -> None:
        self._generator = generator
        self._built: OrderedDict[Hashable, _Built] = OrderedDict()
        self._servers: OrderedDict[Hashable, _Servers] = OrderedDict()
        self._reported: set[str] = set()
        self._lock = Lock()
        self._building = Lock()

    def __len__(self) -> int:
        return len(self._built)

    def render(self, arguments: Mapping[str, Any], form: str, variant: Hashable = None) -> Document:
        """Return the document that the generator makes of ``arguments``, as ``"yaml"`` or ``"json"``.

        Problems in the declarations are logged as warnings, each once in a process.

        Args:
            arguments: The generator's, by name.
            form: Of the text.
            variant: What else the document depends on, such as the language of translated texts.
        """
        key = (form, variant, _frozen(arguments))
        servers = self._recent(self._servers, key)
        built = None if servers is None else self._recent(self._built, servers.rest)
        if servers is None or built is None:
            generator = self._generator(**arguments)
            if _is_split(type(generator)):
                written = generator._secured_servers()
                rest = {name: value for name, value in arguments.items() if name != "servers"}
                servers = _Servers(_section(written, form), (form, variant, _frozen(rest), bool(written)))
            else:
                servers = _Servers(b"", key)
            built = self._rest(generator, servers.rest, form)
            if len(servers.content) <= _LONGEST_KEPT:
                self._keep(self._servers, key, servers)
        tag = hashlib.sha256(built.digest + servers.content).hexdigest()[:32]
        return Document(built.before + servers.content + built.after, f'"{tag}"')

    def _rest(self, generator: AsyncAPIGenerator, key: Hashable, form: str) -> _Built:
        """The document but for its servers, which is built by one thread while others wait for it."""
        with self._building:
            built = self._recent(self._built, key)
            if built is None:
                built = _build(generator, form)
                self._report(generator)
                self._keep(self._built, key, built)
        return built

    def _recent(self, kept: OrderedDict[Hashable, Value], key: Hashable) -> Value | None:
        with self._lock:
            if key not in kept:
                return None
            kept.move_to_end(key)
            return kept[key]

    def _keep(self, kept: OrderedDict[Hashable, Value], key: Hashable, value: Value) -> None:
        with self._lock:
            kept[key] = value
            while len(kept) > KEPT:
                kept.popitem(last=False)

    def forget(self) -> None:
        """Drop every document, because what they were made from has changed."""
        with self._lock:
            self._built.clear()
            self._servers.clear()

    def _report(self, generator: AsyncAPIGenerator) -> None:
        for problem in generator.problems:
            if (line := str(problem)) not in self._reported:
                self._reported.add(line)
                logger.warning("%s", line)


_WRITING = ("get_spec", "get_yaml", "get_json", "_document", "_build", "_secured_servers")


def _is_split(kind: type[AsyncAPIGenerator]) -> bool:
    """Whether nothing that a class overrides could write what is not servers by the servers."""
    return all(getattr(kind, name) is getattr(AsyncAPIGenerator, name) for name in _WRITING)


def _build(generator: AsyncAPIGenerator, form: str) -> _Built:
    if not _is_split(type(generator)):
        content = (generator.get_yaml() if form == "yaml" else generator.get_json()).encode()
        return _Built(content, b"", hashlib.sha256(content).digest())
    document = generator.get_spec()
    names = [name for name in document if name != "servers"]
    end = names.index("channels")  # before which the servers stand
    before, after = ({name: document[name] for name in part} for part in (names[:end], names[end:]))
    if form == "yaml":
        first, last = text.to_yaml(before).encode(), text.to_yaml(after).encode()
    else:
        first, last = b"{\n" + _members(before) + b",\n", _members(after) + b"\n}\n"
    digest = hashlib.sha256(len(first).to_bytes(8, "big") + first + last).digest()
    return _Built(first, last, digest)


def _section(servers: Mapping[str, Any], form: str) -> bytes:
    """The servers as they stand in a document."""
    if not servers:
        return b""
    return text.to_yaml({"servers": servers}).encode() if form == "yaml" else _members({"servers": servers}) + b",\n"


def _members(part: Mapping[str, Any]) -> bytes:
    return text.to_json(part).removeprefix("{\n").removesuffix("\n}\n").encode()


def _frozen(value: Any) -> Hashable:
    """A key that is equal for equal arguments: consumers by identity, everything else by value."""
    if isinstance(value, Mapping):
        return tuple((str(key), _frozen(each)) for key, each in value.items())
    if isinstance(value, list | tuple):
        return tuple(_frozen(each) for each in value)
    if isinstance(value, Address):  # as text it would be without its parameters
        return repr(value)
    return value if isinstance(value, type) else (type(value).__name__, str(value))
