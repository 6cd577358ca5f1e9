"""What a conformance run reads in an AsyncAPI 3 document: channels, what may be sent to them and what they may send.

Not a validator of documents: what a run does not need is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from chanspec.conformance.budget import READING_STEPS, Account, Budget, BudgetSpentError
from chanspec.conformance.schemas import DocumentError, Schema, Schemas
from chanspec.conformance.transport import filled

__all__ = ["Action", "Api", "Channel", "Message", "read"]

Perspective = Literal["server", "client"]

REPLY_IS_OPTIONAL = "x-optional"
"""In an Operation Reply Object: the reply may go to others only, or not be sent at all."""
_REFUSING = frozenset({"error", "errors", "refused", "refusal", "rejected", "denied", "failed", "failure", "forbidden"})
_NONE = object()
_JSON_SCHEMAS = ("application/vnd.aai.asyncapi", "application/schema+json", "application/vnd.oai.openapi")


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """One message on the wire (AsyncAPI 3, Message Object).

    Attributes:
        name: Its key in the document.
        schema: What it holds.
        constants: Its fields that have one constant value: those tell it from others.
        examples: The payloads of its examples.
        title: What people call it.
    """

    name: str
    schema: Schema
    constants: Mapping[str, Any]
    examples: tuple[Any, ...] = ()
    title: str = ""

    @property
    def value(self) -> str:
        """What names it on the wire, or what people call it where nothing does."""
        names = (value for value in self.constants.values() if isinstance(value, str))
        return next(names, self.title or self.name)

    @property
    def is_refusal(self) -> bool:
        """Whether its name says that something was refused or failed."""
        words = "".join(letter if letter.isalnum() else " " for letter in self.value.casefold()).split()
        return not _REFUSING.isdisjoint(words)

    def is_named_by(self, value: Any) -> bool:
        """Whether a value has all the constants, and so claims to be this message."""
        return (
            bool(self.constants)
            and isinstance(value, dict)
            and all(name in value and value[name] == constant for name, constant in self.constants.items())
        )


@dataclass(frozen=True, slots=True, eq=False)
class Action:
    """Something that a client may send.

    Attributes:
        operation: Its key in the document.
        message: What is sent.
        replies: What it may be answered with; empty where the document promises nothing.
        reply_is_optional: Whether the answer may be left out, or go to others only.
    """

    operation: str
    message: Message
    replies: tuple[Message, ...] = ()
    reply_is_optional: bool = False

    @property
    def promises(self) -> bool:
        """Whether some reply has to come."""
        return bool(self.replies) and not self.reply_is_optional


@dataclass(frozen=True, slots=True, eq=False)
class Channel:
    """An address and its messages.

    Attributes:
        key: Its key in the document.
        address: The path, with ``{parameters}``.
        parameters: The Parameter Objects of the address.
        actions: What clients may send.
        events: All that the server may send, replies included.
        servers: The host and the pathname of each server that has it.
    """

    key: str
    address: str
    parameters: Mapping[str, Mapping[str, Any]]
    actions: tuple[Action, ...]
    events: tuple[Message, ...]
    servers: tuple[tuple[str, str], ...] = ()

    @property
    def discriminators(self) -> tuple[str, ...]:
        """The fields that name the messages of clients."""
        return tuple(dict.fromkeys(name for action in self.actions for name in action.message.constants))


@dataclass(frozen=True, slots=True, eq=False)
class Api:
    """All of a document.

    Attributes:
        channels: Those that have operations.
        schemas: Judges values.
        skipped: What cannot be used, each with the reason.
        untested: Messages that clients may send and that cannot be made, each with the reason.
    """

    channels: tuple[Channel, ...]
    schemas: Schemas
    skipped: tuple[str, ...] = ()
    untested: tuple[str, ...] = ()


def read(document: Any, perspective: Perspective | None = None, budget: Budget | None = None) -> Api:
    """Read a document.

    Args:
        document: The parsed document.
        perspective: Whose document it is; by default what its ``x-perspective`` says, else the server's, which is
            AsyncAPI's own reading.
        budget: The time of the run that it is read for.

    Raises:
        DocumentError: It is not AsyncAPI 3, a reference in it leads nowhere, or reading it is too much work.
    """
    try:
        return _read(document, perspective, budget or Budget())
    except BudgetSpentError as error:
        raise DocumentError(f"the document cannot be read: {error}") from error
    except RecursionError:
        raise DocumentError("the document cannot be read: it is nested too deeply") from None


def _read(document: Any, perspective: Perspective | None, budget: Budget) -> Api:
    if not isinstance(document, dict) or not _text(document.get("asyncapi")).startswith("3."):
        version = document.get("asyncapi") if isinstance(document, dict) else None
        is_said = isinstance(version, str | int | float) and version
        found = f"its version is {str(version)[:40]!r}" if is_said else "it has no version in `asyncapi`"
        raise DocumentError(f"not an AsyncAPI document of version 3: {found}")
    said = perspective or document.get("x-perspective") or "server"
    if said not in ("server", "client"):
        shown = said[:40] if isinstance(said, str) else type(said).__name__
        raise DocumentError(f"x-perspective is server or client, not {shown!r}")
    with budget.paid_by(Account("reading it", READING_STEPS)):
        return _Reader(document, "receive" if said == "server" else "send", budget).read()


@dataclass(slots=True)
class _Parts:
    """A channel while it is being read."""

    actions: list[Action] = field(default_factory=list)
    events: dict[int, Message] = field(default_factory=dict)


class _Reader:
    def __init__(self, document: Mapping[str, Any], received: str, budget: Budget) -> None:
        self.document = document
        self.received = received
        self.budget = budget
        self.schemas = Schemas(document, budget)
        self.messages: dict[int, Message | None] = {}
        self.too_much: dict[int, str] = {}
        self.skipped: list[str] = []
        self.untested: list[str] = []

    def object(self, node: Any, what: str) -> dict[str, Any]:
        """An object behind its references."""
        found = self.schemas.follow(node)
        if not isinstance(found, dict):
            raise DocumentError(f"{what[:200]} is no object")
        return found

    def read(self) -> Api:
        named = _mapping(self.document, "channels").items()
        channels = {key: self.object(each, f"the channel {key!r}") for key, each in named}
        parts = {id(channel): _Parts() for channel in channels.values()}
        for key, operation in _mapping(self.document, "operations").items():
            self.operation(key, self.object(operation, f"the operation {key!r}"), parts)
        return Api(
            tuple(
                Channel(
                    key,
                    _text(channel.get("address")),
                    {
                        name: self.object(each, f"the parameter {name!r}")
                        for name, each in _mapping(channel, "parameters").items()
                    },
                    tuple(parts[id(channel)].actions),
                    tuple(parts[id(channel)].events.values()),
                    self.servers(channel),
                )
                for key, channel in channels.items()
                if parts[id(channel)].actions or parts[id(channel)].events
            ),
            self.schemas,
            tuple(dict.fromkeys(self.skipped)),
            tuple(dict.fromkeys(self.untested)),
        )

    def servers(self, channel: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
        """The servers that have a channel: those it names, else all."""
        named = channel.get("servers")
        every = named if isinstance(named, list) and named else _mapping(self.document, "servers").values()
        followed = [self.schemas.follow(each) for each in every]
        return tuple((_text(each.get("host")), _pathname(each)) for each in followed if isinstance(each, dict))

    def operation(self, key: str, operation: Any, parts: Mapping[int, _Parts]) -> None:
        channel = self.object(operation.get("channel"), f"the channel of the operation {key!r}")
        if id(channel) not in parts:
            raise DocumentError(f"the operation {key!r} names no channel of the document")
        mine = parts[id(channel)]
        messages = self.listed(operation, channel, key if operation.get("action") == self.received else None)
        if operation.get("action") != self.received:
            mine.events.update((id(each), each) for each in messages)
            return
        reply = self.object(operation.get("reply") or {}, f"the reply of the operation {key!r}")
        answering = self.schemas.follow(reply.get("channel")) if reply.get("channel") else channel
        replies = tuple(self.listed(reply, answering)) if reply else ()
        parts.get(id(answering), mine).events.update((id(each), each) for each in replies)
        # An answer on another channel cannot be awaited here.
        awaited = replies if answering is channel else ()
        optional = bool(reply.get(REPLY_IS_OPTIONAL))
        mine.actions += [Action(key, each, awaited, optional) for each in messages]

    def listed(self, node: Mapping[str, Any], channel: Any, received_by: str | None = None) -> list[Message]:
        """The messages that an operation or a reply lists; all of its channel's where it lists none."""
        named: Sequence[tuple[str, Any]] = list(_mapping(channel, "messages").items())
        if isinstance(node.get("messages"), list):
            named = [(_text(_get(each, "$ref")).rpartition("/")[2], each) for each in node["messages"]]
        self.budget.spend(len(named))
        found = [self.message(name, self.object(each, f"the message {name!r}"), received_by) for name, each in named]
        return [each for each in found if each is not None]

    def message(self, name: str, node: dict[str, Any], received_by: str | None) -> Message | None:
        if id(node) not in self.messages:
            try:
                # What one message takes is not taken from the others.
                with self.budget.paid_by(Account("reading it")):
                    self.messages[id(node)] = self.read_message(name, node)
            except BudgetSpentError as error:
                self.messages[id(node)] = None
                self.too_much[id(node)] = f"the message {_text(node.get('name')) or name}: {error}"
        if (why := self.too_much.get(id(node))) is not None:
            (self.untested if received_by else self.skipped).append(f"{received_by}, {why}" if received_by else why)
        return self.messages[id(node)]

    def read_message(self, name: str, node: dict[str, Any]) -> Message | None:
        payload = self.schemas.follow(node.get("payload", True))
        if not isinstance(payload, dict | bool):
            raise DocumentError(f"the payload of the message {name[:100]!r} is no schema")
        if isinstance(payload, dict) and "schemaFormat" in payload:  # a Multi Format Schema Object
            form = _text(payload["schemaFormat"])
            if not form.startswith(_JSON_SCHEMAS):
                self.skipped.append(f"{name}: its schema is {form[:80]}, not JSON Schema")
                return None
            payload = self.schemas.follow(payload.get("schema", True))
        self.schemas.check(payload)
        listed = node.get("examples")
        examples = [_get(each, "payload", _NONE) for each in (listed if isinstance(listed, list) else ())]
        kept = tuple(each for each in examples if each is not _NONE)
        title = _text(node.get("title"))
        return Message(_text(node.get("name")) or name, payload, self.constants(payload), kept, title)

    def constants(self, schema: Schema) -> dict[str, Any]:
        """The required fields that have the same one value in every alternative."""
        found: list[dict[str, Any]] = []
        for flat in self.schemas.alternatives(schema):
            single: dict[str, Any] = {}
            for name in flat.get("required", ()):
                values = [
                    each.get("enum") for each in self.schemas.alternatives(flat.get("properties", {}).get(name, True))
                ]
                if len(values) == 1 and values[0] and len(values[0]) == 1:
                    single[name] = values[0][0]
            found.append(single)
        first, *others = found or [{}]
        return {name: value for name, value in first.items() if all(each.get(name) == value for each in others)}


def _pathname(server: Mapping[str, Any]) -> str:
    """What a server puts before addresses, without a slash at its end; variables that have a default are filled in."""
    pathname = _text(server.get("pathname")).rstrip("/")
    values = {
        name: _text(default)
        for name, variable in _mapping(server, "variables").items()
        if (default := _get(variable, "default")) is not None
    }
    for name in re.findall(r"\{([^{}]*)\}", pathname):
        values.setdefault(name, f"{{{name}}}")
    try:
        pathname = filled(pathname, values)
    except ValueError as error:
        raise DocumentError(f"the pathname of a server cannot be used: {error}") from error
    return pathname if not pathname or pathname.startswith("/") else f"/{pathname}"


def _mapping(node: Any, key: str) -> Mapping[str, Any]:
    value = node.get(key) if isinstance(node, dict) else None
    return value if isinstance(value, dict) else {}


def _get(node: Any, key: str, other: Any = None) -> Any:
    return node.get(key, other) if isinstance(node, dict) else other


def _text(value: Any) -> str:
    """A text, or a number as YAML has it where text belongs; nothing for anything else."""
    return str(value) if isinstance(value, str | int | float) else ""
