"""A contract at an address → its channel, operations and messages in the document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from chanspec.asyncapi.addresses import Address
from chanspec.asyncapi.components import Schemas
from chanspec.asyncapi.examples import wire_examples
from chanspec.asyncapi.names import Names, pascal, snake
from chanspec.asyncapi.payloads import Payloads, doubts_of, titled_branches
from chanspec.asyncapi.security import Security
from chanspec.asyncapi.type_names import TypeNames, retitled, type_name
from chanspec.contract import Action, Contract, Event, Message
from chanspec.problems import Problem
from chanspec.schemas import Described

OperationKind = Literal["receive", "send"]
Kind = Literal["action", "event"]
_OPPOSITE: dict[OperationKind, OperationKind] = {"receive": "send", "send": "receive"}


class ChannelWriter:
    """Collects what consumers add to a document.

    Args:
        security: What handshakes carry.
        receives: The operation kind of actions: ``receive`` in the server's document.
        secure_operations: Whether operations name the security schemes, for want of servers that could.
    """

    def __init__(self, security: Security, *, receives: OperationKind, secure_operations: bool) -> None:
        self.channels: dict[str, Any] = {}
        self.operations: dict[str, Any] = {}
        self.problems: list[Problem] = []
        self._messages: dict[str, Any] = {}
        self._wired: dict[str, Described] = {}  # message → its payload
        self._payloads = Payloads()
        self._security = security
        self._secure_operations = secure_operations
        self._receives: OperationKind = receives
        self._operation_names = Names()
        self._message_names = Names()
        self._type_names = TypeNames()
        self._titles: dict[str, str] = {}  # message → the name of its type in generated code

    def add(self, contract: Contract, address: Address, name: str, *, prefixed: bool) -> None:
        """Add a consumer's channel.

        Args:
            contract: What the consumer declares.
            address: Where it is served.
            name: The channel's key in the document.
            prefixed: Whether operation and message names begin with the channel's.
        """
        self.problems += contract.problems
        if not contract:
            cure = "decorate its methods with @document_action and @document_event"
            self.problems.append(Problem(contract.where, "the consumer declares no messages", cure))
        security = self._security.of(contract.consumer, secure_operations=self._secure_operations)
        channel = _Channel(self, name, prefixed, security.requirements, contract.camelize)
        self.channels[name] = {
            "address": address.path,
            **_texts(title=contract.name or contract.consumer.__name__, description=contract.description),
            **({"tags": _tags(contract.tags)} if contract.tags else {}),
            "messages": channel.messages,
            **({"parameters": _parameters(address)} if address.parameters else {}),
            **security.bindings,
        }
        for action in contract.actions:
            channel.add_action(action)
        for event in contract.events:
            channel.add_event(event)

    def operation(self, name: str, kind: Kind, body: dict[str, Any]) -> None:
        """Add an operation under a name of its own."""
        received = self._receives if kind == "action" else _OPPOSITE[self._receives]
        key = self._operation_names.take(name, f"{name}_{kind}")
        self.operations[key] = {"action": received, **body}

    def message(self, name: str, kind: Kind, message: Message, *, camelize: bool) -> str:
        """Add a message under a name of its own, and return the name."""
        suffix = kind.capitalize()
        key = self._message_names.take(name, name + suffix)
        title = self._type_names.take(type_name(key, "Message"), type_name(name, "Message") + suffix)
        payload, problems = self._payloads.wire(message, title, camelize=camelize)
        self._titles[key] = title
        examples, mistakes = wire_examples(message, payload)
        self.problems += [*problems, *doubts_of(message), *mistakes]
        self._wired[key] = payload
        self._messages[key] = {
            "name": key,
            "title": message.value,
            **_texts(summary=message.summary),
            **({"tags": _tags(message.tags)} if message.tags else {}),
            "payload": {"deprecated": True} if message.deprecated else {},
            **({"examples": examples} if examples else {}),
        }
        return key

    def components(self) -> dict[str, Any]:
        """Return the messages, and the types that their payloads share.

        To be called last: messages are named first, so that no type takes the name of a message.
        """
        schemas = Schemas(self._type_names)
        for key, payload in self._wired.items():
            own, title = payload.root["title"], self._titles[key]
            if own != title and not self._type_names.claim_title(own, payload.root):
                payload.root = retitled(payload.root, title)
            for branch in titled_branches(payload.root):
                self._type_names.claim_title(branch["title"], branch)
        for key, payload in self._wired.items():
            message = self._messages[key]
            message["payload"] = schemas.add(payload, self._titles[key]) | message["payload"]
        return {"messages": self._messages, **({"schemas": schemas.schemas} if schemas.schemas else {})}


class _Channel:
    """One channel being written: which of the contract's messages it has, and under which names."""

    def __init__(
        self, writer: ChannelWriter, name: str, prefixed: bool, security: dict[str, Any], camelize: bool
    ) -> None:
        self.messages: dict[str, Any] = {}
        self._writer = writer
        self._ref = f"#/channels/{name}"
        self._message_prefix = pascal(name) if prefixed else ""
        self._operation_prefix = f"{snake(name)}_" if prefixed else ""
        self._security = security
        self._camelize = camelize
        self._names: dict[Message, str] = {}

    def add_action(self, action: Action) -> None:
        message = action.message
        body = _described(message.value, message) | {"messages": self._references([message])}
        if action.replies:
            optional = {"x-optional": True} if action.reply_is_optional else {}
            reply = {"channel": {"$ref": self._ref}, "messages": self._references(action.replies)}
            body["reply"] = reply | optional
        self._add_operation("action", action.name, body)

    def add_event(self, event: Event) -> None:
        title = event.messages[0].value if len(event.messages) == 1 else event.name
        body = _described(title, event) | {"messages": self._references(event.messages)}
        self._add_operation("event", event.name, body)

    def _add_operation(self, kind: Kind, name: str, body: dict[str, Any]) -> None:
        operation = {"channel": {"$ref": self._ref}, **body, **self._security}
        self._writer.operation(self._operation_prefix + snake(name), kind, operation)

    def _references(self, messages: Iterable[Message]) -> list[dict[str, str]]:
        return [{"$ref": f"{self._ref}/messages/{self._name(message)}"} for message in messages]

    def _name(self, message: Message) -> str:
        """The message's name in the document, where it is added when first asked for."""
        if message not in self._names:
            kind: Kind = "action" if message.direction == "in" else "event"
            title = self._message_prefix + pascal(message.name or message.value)
            name = self._writer.message(title, kind, message, camelize=self._camelize)
            self._names[message] = name
            self.messages[name] = {"$ref": f"#/components/messages/{name}"}
        return self._names[message]


def _described(title: str, operation: Message | Event) -> dict[str, Any]:
    """The texts of an operation, from what describes it: an action's message, or the event itself."""
    return {
        **_texts(title=title, summary=operation.summary, description=operation.description),
        **({"x-deprecated": True} if operation.deprecated else {}),
        **({"tags": _tags(operation.tags)} if operation.tags else {}),
    }


def _parameters(address: Address) -> dict[str, Any]:
    """Parameter Objects, which have no ``schema`` in AsyncAPI 3: the type goes to ``x-schema``."""
    return {
        name: {**_texts(description=parameter.description), "x-schema": parameter.schema}
        for name, parameter in address.parameters.items()
    }


def _texts(**texts: Any) -> dict[str, str]:
    """Those of the texts that say something; lazy translations become text here."""
    return {name: str(value) for name, value in texts.items() if value}


def _tags(tags: Iterable[str]) -> list[dict[str, str]]:
    return [{"name": str(tag)} for tag in tags]
