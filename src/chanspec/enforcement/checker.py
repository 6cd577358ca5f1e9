"""Checks single frames against one contract: what a consumer may be sent, and what it may send.

It holds no connection and answers nobody: that is the middleware's part.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from pydantic_core import from_json

from chanspec import finite
from chanspec.camel import camel_case
from chanspec.contract import Contract, Direction, Message, contract_of
from chanspec.enforcement.drift import Drift, name_shown, path_shown
from chanspec.enforcement.incoming import AnnotatedActions, Refused, TypedMessages
from chanspec.enforcement.meant import field_meant
from chanspec.enforcement.mistakes import Mistake, SchemaCheck, errors_of, mistake, of_error, read_json
from chanspec.enforcement.outgoing import Outgoing, mistakes_in
from chanspec.fail_fast import size_of
from chanspec.problems import near_match
from chanspec.runtime.codec import MAX_TEXT, FrameError, check_limits
from chanspec.runtime.settings import DEFAULTS
from chanspec.schemas.registry import name_of

Frame = str | bytes | bytearray | memoryview
"""The text or the bytes of a frame."""

MAX_LISTED = 10
"""Names of messages in a sentence."""

_CHECKER = "__chanspec_checker__"
"""The attribute of a class that keeps its checker, as long as the class lives; see :mod:`chanspec.contract`."""


class Limits(NamedTuple):
    """How large and how deep the frames of clients may be; see :class:`chanspec.runtime.settings.RuntimeSettings`."""

    max_frame_bytes: int = DEFAULTS.max_frame_bytes
    max_depth: int = DEFAULTS.max_depth


LIMITS = Limits()


class Refusal(NamedTuple):
    """A frame of a client that is refused: the drift, and the payload of the error message that answers it."""

    drift: Drift
    errors: list[dict[str, Any]]


class FrameChecker:
    """Checks the frames of one consumer.

    What clients send is read as the consumer reads it: by pydantic where the type is one that pydantic knows, and by
    JSON Schema where it is declared as that, or as a serializer. What the consumer sends is checked against the JSON
    Schemas of its document. ``null`` is as good as absent for a field ``T | None`` of a plain class.

    Args:
        contract: The consumer's.

    Attributes:
        contract: As given.
        is_typed: Whether it is of a typed consumer, which answers bad frames itself.
    """

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.is_typed = bool(contract.handlers or contract.event_handlers)
        field = contract.discriminator_field
        typed_field = camel_case(field) if contract.camelize else field
        self._error_field = typed_field if self.is_typed else contract.event_field
        self._outgoing = Outgoing(contract, is_typed=self.is_typed)
        self._typed = TypedMessages(contract) if self.is_typed else None
        self._annotated = AnnotatedActions(contract)

    def inbound(self, frame: Frame, limits: Limits = LIMITS) -> Drift | None:
        """Say what is wrong with a frame that a client sent; None where nothing is.

        Args:
            frame: The frame.
            limits: One that is larger or deeper is not looked into.
        """
        refusal = self.refusal_of(frame, limits)
        return refusal.drift if refusal is not None else None

    def refusal_of(self, frame: Frame, limits: Limits = LIMITS) -> Refusal | None:
        """Like :meth:`inbound`, with what to answer."""
        if not isinstance(frame, str):
            return self._refusal(Refused([mistake("binary_frame", "Binary frames are not understood, send text")]))
        try:
            check_limits(frame, *limits)
        except FrameError as error:
            return self._refusal(Refused([of_error(each) for each in error.errors()]))
        if self._typed is not None:
            refused = self._typed.check(frame)
        else:
            content = read_json(frame)
            if isinstance(content, Mistake):
                return self._refusal(Refused([content]))
            refused = self._annotated.check(frame, content)
        return None if refused is None else self._refusal(refused)

    def refused(self, errors: list[dict[str, Any]], value: str | None, meant: str = "") -> Drift:
        """The drift of a frame that the consumer itself refused; ``meant`` is as of :class:`Refused`."""
        if self._typed is not None:
            return self._refusal(self._typed.refused(errors, value)).drift
        return self._refusal(self._annotated.refused(errors, value)._replace(meant=meant)).drift

    def outbound(self, frame: Frame) -> Drift | None:
        """Say what is wrong with a frame that the consumer sends; None where nothing is."""
        if not isinstance(frame, str):
            return self._sent("is binary, and the contract describes text alone", "send JSON as text")
        try:
            finite.check_text(frame)
            content = from_json(frame, allow_inf_nan=False, cache_strings="keys")
        except finite.NotFiniteError:
            return self._sent("holds a number that is not finite", "send a JSON object")
        except (ValueError, TypeError) as error:
            return self._sent(f"is no JSON ({_first(error)})", "send a JSON object")
        known = self._outgoing.find(content)
        if known is None and type(content) is not dict:
            return self._sent("is no JSON object", "send an object that names itself")
        if known is None:
            return self._undocumented(content)
        wrong = mistakes_in(known, content, size_of(frame))
        if wrong is None:
            return None
        if known is self._outgoing.unnamed and len(known) > 1:
            return self._none_of(known)
        return self._wrong(*wrong)

    def error_text(self, errors: list[dict[str, Any]]) -> str:
        """The error message that answers a bad frame, as the runtime writes it."""
        named = {} if self._error_field is None else {self._error_field: "error"}
        return json.dumps({**named, "payload": errors}, separators=(",", ":"))

    # Drifts of clients

    def _refusal(self, refused: Refused) -> Refusal:
        first, message = refused.mistakes[0], refused.message
        name = None if refused.name is None else name_shown(refused.name)
        what = _clause(first)
        if message is not None:
            cure = f"the client must send what {_declared(message)} declares, or that must admit it"
        elif name is not None:
            decorator = "@document_action" if self._typed is None else "@ws_handler"
            cure = f"the client must send a documented action, or a method with {decorator} must take it"
        else:
            cure = "the client must send a documented action as a JSON object"
        if refused.meant:
            cure += _named_otherwise("action_field", refused.meant)
        where = self.contract.where if message is None else message.where
        return Refusal(self._drift("in", where, name, first, what, cure), errors_of(refused.mistakes))

    # Drifts of the server

    def _undocumented(self, content: dict[str, Any]) -> Drift:
        field, value = self._outgoing.name_in(content)
        owner = self.contract.consumer.__name__
        own = "" if self.is_typed else self.contract.event_field or ""
        meant = field_meant(content, self._outgoing.values, own) if own else ""
        otherwise = _named_otherwise("event_field", meant) if meant else ""
        if not isinstance(value, str):
            field = field or self._error_field or ""
            if not field:
                cure = f"declare what it sends with @document_event(…) on methods of {owner}"
                return self._sent("no event is in the contract", cure)
            return self._sent(f"has no {field!r} that names it", f"put {field!r} into it, a string{otherwise}")
        name = name_shown(value)
        near = near_match(value, self._outgoing.values) if len(value) < 100 else ""
        if self.is_typed:
            cure = "return its class from an annotated handler, or name it in @ws_handler(output_type=…)"
        else:
            cure = f'declare it with @document_event("{name}", payload=…) on a method of {owner}{otherwise}'
        return self._sent(f"no event of this name is in the contract{near}", cure, name)

    def _none_of(self, known: list[tuple[Message, SchemaCheck]]) -> Drift:
        """Of events that no field names, it cannot be told which one a frame was meant to be."""
        names = ", ".join(name_shown(message.value) for message, _ in known[:MAX_LISTED])
        return self._sent(f"is none of its events ({names})", "send what one of them declares, or declare it")

    def _wrong(self, message: Message, mistakes: list[Mistake]) -> Drift:
        first = mistakes[0]
        cure = f"send what {_declared(message)} declares, or correct that"
        return self._drift("out", message.where, message.value, first, _clause(first), cure)

    def _sent(self, what: str, cure: str, name: str | None = None) -> Drift:
        return self._drift("out", self.contract.where, name, mistake("", ""), what, cure)

    def _drift(self, direction: Direction, where: str, name: str | None, first: Mistake, what: str, cure: str) -> Drift:
        return Drift(direction, self.contract.where, where, name, path_shown(first.loc), what, cure)


def checker_of(consumer: type) -> FrameChecker:
    """Return the checker of a consumer class, compiled once and kept as long as the class lives.

    Args:
        consumer: The class, typed or described.

    Raises:
        TypeError: As :func:`chanspec.contract.contract_of`.
    """
    contract = contract_of(consumer)
    known: FrameChecker | None = consumer.__dict__.get(_CHECKER)
    if known is None or known.contract is not contract:
        known = FrameChecker(contract)
        setattr(consumer, _CHECKER, known)
    return known


def _clause(found: Mistake) -> str:
    """A mistake's text as the end of a sentence on one line."""
    text = " ".join(found.what.split())[:MAX_TEXT].removeprefix("Input ")
    return text[:1].lower() + text[1:]


def _named_otherwise(attribute: str, field: str) -> str:
    return f"; or, if '{field}' names its messages, write {attribute} = '{field}' in the class"


def _declared(message: Message) -> str:
    if message.name:
        return message.name
    payload = message.payload
    if payload is None or isinstance(payload, dict):
        return "its schema"
    return name_of(payload if isinstance(payload, type) or hasattr(payload, "__origin__") else type(payload))


def _first(error: Exception) -> str:
    return str(error).partition("\n")[0][:100]
