"""Text of the wire to message and back, for one consumer class. It knows pydantic, and no connection.

pydantic-core reads a frame's text straight into a model and writes a model straight to text: no dicts in between.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError, SchemaValidator, core_schema, from_json, to_json

from chanspec import finite
from chanspec.aliases import camelized, serializer, tagged, unaliased, validator, with_discriminator
from chanspec.camel import camel_case
from chanspec.contract import Handler, naming_field
from chanspec.contract.constants import name_of
from chanspec.fail_fast import FailFast

MAX_ERRORS = 20
TOO_MANY = "too_many_errors"
MAX_TEXT = 300
MAX_PATH = 20
MAX_KEY = 64


class FrameError(ValueError):
    """A frame that is no message at all: binary, or nested too deep. Its text may be shown to the client."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind

    def errors(self) -> list[dict[str, Any]]:
        """The error as a list like the one that a message with mistakes is answered with."""
        return [{"loc": [], "msg": str(self), "type": self.kind}]


class Codec:
    """Reads and writes the messages of one consumer class.

    Attributes:
        read: A frame's text to a message, as fast as it goes. What it raises says only that the text is none.
        names: The discriminator's value of each message class that was sent so far.
        first_sent: Called with each such class and the text of its first message, or None.
        encoders: What writes the messages of each such class, to bytes.
    """

    def __init__(
        self, handlers: Iterable[Handler], events: Iterable[Handler], discriminator: str, *, camelize: bool = False
    ) -> None:
        """Build the validators.

        Args:
            handlers: Of the client's messages.
            events: Of channel events.
            discriminator: The field that names the client's messages.
            camelize: Whether fields are in camelCase on the wire. Channel events never are.
        """
        self.discriminator = discriminator
        self.camelize = camelize
        self.wire_discriminator = camel_case(discriminator) if camelize else discriminator
        self.names: dict[type, str] = {}
        self.first_sent: Callable[[type, str], None] | None = None
        self._holds_untyped = False
        self._validator = self._built(list(handlers))
        # The bound method itself: a frame costs no Python call besides the validation.
        self.read: Callable[[str], Any] = self._read_untyped if self._holds_untyped else self._validator.read
        self.encoders: dict[type, Callable[..., bytes]] = {}
        self._events = {(each.field, each.value): _event_codec(each.message_type) for each in events}
        self._event_fields = tuple(dict.fromkeys(field for field, _ in self._events))

    def decode(self, text: str) -> Any:
        """Read a frame's text.

        Raises:
            pydantic.ValidationError: It is no message. Of an ordinary one this has every mistake, of one of hundreds of
                values the first.
            Exception: What a validator of the application's raises.
        """
        try:
            return self.read(text)
        except Exception as error:
            return self.explain(text, error)

    def explain(self, text: str, error: Exception) -> Any:
        """Say why ``read`` refused a text; see :meth:`decode`.

        Args:
            text: The frame's.
            error: What ``read`` raised.
        """
        if isinstance(error, finite.NotFiniteError):
            raise error.as_validation_error(self._named(from_json(text))) from None
        return self._validator.explain(text, error)

    def _read_untyped(self, text: str) -> Any:
        message = self._validator.read(text)
        finite.check_text(text)  # pydantic looks at what has a type
        return message

    def _named(self, content: Any) -> tuple[str | int, ...]:
        """Where the mistakes of a message begin: with its name, where it has one that is taken."""
        value = content.get(self.wire_discriminator) if isinstance(content, dict) else None
        return (value,) if isinstance(value, str) and value in self._values else ()

    def encode(self, message: BaseModel) -> str:
        """Write a message.

        Raises:
            pydantic_core.PydanticSerializationError: It holds what JSON cannot, such as NaN.
        """
        try:
            write = self.encoders[type(message)]
        except KeyError:
            text = self._learn(type(message))(message, by_alias=True).decode()
            if self.first_sent is not None:
                self.first_sent(type(message), text)
            return text
        return write(message, by_alias=True).decode()

    def decode_event(self, content: Mapping[str, Any]) -> tuple[tuple[str, str], BaseModel] | None:
        """Read a channel event.

        Args:
            content: What :func:`encode_event` returned, in this or in another process.

        Returns:
            Its discriminator with the value, and the event; None where no handler takes it.

        Raises:
            pydantic.ValidationError: It is not valid.
        """
        for field in self._event_fields:
            value = content.get(field)
            if isinstance(value, str) and (known := self._events.get((field, value))) is not None:
                return (field, value), known.decode(content)
        return None

    def errors(self, error: ValidationError) -> list[dict[str, Any]]:
        """Say what is wrong with a message, for its sender: bounded, and without what the message held.

        Returns:
            ``{"loc": [...], "msg": "...", "type": "..."}`` for at most 20 mistakes.
        """
        count = error.error_count()
        if count > 50 * MAX_ERRORS:  # listing them would cost more than they are worth
            return [{"loc": [], "msg": f"{count} values are not valid", "type": TOO_MANY}]
        found = [self._error(each) for each in error.errors(include_url=False, include_input=False)[:MAX_ERRORS]]
        if count > MAX_ERRORS:
            found.append({"loc": [], "msg": f"{count - MAX_ERRORS} more values are not valid", "type": TOO_MANY})
        return found

    def named(self, error: ValidationError) -> str | None:
        """The value of the discriminator of a message that is not valid; None where it is none that is taken."""
        if error.error_count() > 50 * MAX_ERRORS:
            return None
        path = error.errors(include_url=False, include_input=False, include_context=False)[0]["loc"]
        return str(path[0]) if path else None  # a path begins with the message, once it is known

    def _error(self, error: Mapping[str, Any]) -> dict[str, Any]:
        kind, path, text = error["type"], error["loc"], error["msg"]
        if kind == "union_tag_invalid":  # its text quotes what the client wrote
            text = f"Input should be one of {error['ctx']['expected_tags']}"
            path = path or (None, self.wire_discriminator)
        elif kind == "union_tag_not_found" and not path:
            text, path = "Field required", (None, self.wire_discriminator)
        elif kind.endswith("_parsing"):
            text = text.partition(",")[0]  # what follows may quote a character
        # The path begins with the name of the message, which is no field.
        places = [each if isinstance(each, int) else _shortened(each, MAX_KEY) for each in path[1 : MAX_PATH + 1]]
        return {"loc": places, "msg": _shortened(text, MAX_TEXT), "type": kind}

    def _built(self, handlers: list[Handler]) -> FailFast:
        self._values = frozenset(each.value for each in handlers)
        if not handlers:
            refusing = core_schema.no_info_plain_validator_function(_refuse)
            return FailFast(refusing, SchemaValidator(refusing))
        messages = {each.value: (self.schema(each.message_type), each.field) for each in handlers}
        schema = tagged(messages)
        self._holds_untyped = finite.holds_untyped(schema)
        refusing = finite.refusing(schema)
        # Classes as they were declared have validators already, which pydantic-core takes.
        is_changed = (
            refusing is not schema or self.camelize or any(each.field != self.discriminator for each in handlers)
        )
        return FailFast(refusing, (validator if is_changed else SchemaValidator)(refusing), self._named)

    def schema(self, cls: type[BaseModel]) -> Any:
        """The core schema of a message class as it is on the wire."""
        schema: Any = TypeAdapter(cls).core_schema
        field = naming_field(cls, self.discriminator)
        if field != self.discriminator and field in cls.model_fields:  # one of chanspec's own
            schema = with_discriminator(schema, field, self.discriminator, self.wire_discriminator)
        return camelized(schema) if self.camelize else schema

    def _learn(self, cls: type) -> Callable[..., bytes]:
        """Prepare for a message class that is sent for the first time."""
        if not isinstance(cls, type) or not issubclass(cls, BaseModel):
            raise TypeError(f"{cls!r} is no message class; send an instance of a class derived from BaseMessage")
        named = naming_field(cls, self.discriminator)
        is_changed = self.camelize or (named != self.discriminator and named in cls.model_fields)
        write = finite.writer(cls, self.schema(cls), is_changed=is_changed)
        self.names[cls] = name_of(cls, (named, "handler"))
        self.encoders[cls] = write
        return write


class _EventCodec:
    """One class of channel event. It travels as JSON would carry it, so strict models read what they wrote."""

    __slots__ = ("_read", "_write", "type")

    def __init__(self, event: type) -> None:
        schema = unaliased(TypeAdapter(event).core_schema)
        self.type = event
        self._read = validator(schema).validate_json
        self._write = serializer(schema).to_python

    def encode(self, event: BaseModel) -> dict[str, Any]:
        content: dict[str, Any] = self._write(event, mode="json", round_trip=True)
        return content

    def decode(self, content: Mapping[str, Any]) -> BaseModel:
        event: BaseModel = self._read(to_json(content, inf_nan_mode="constants"))
        return event


_event_codecs: WeakKeyDictionary[type, _EventCodec] = WeakKeyDictionary()


def _event_codec(event: type) -> _EventCodec:
    known = _event_codecs.get(event)
    if known is None:
        known = _event_codecs[event] = _EventCodec(event)
    return known


def encode_event(event: BaseModel) -> dict[str, Any]:
    """Write a channel event as a dict that any channel layer can carry; aliases and camelCase do not apply."""
    if not isinstance(event, BaseModel):
        raise TypeError(f"{event!r} is no event; send an instance of a class derived from BaseChannelEvent")
    return _event_codec(type(event)).encode(event)


def _refuse(_: Any) -> Any:
    raise PydanticCustomError("no_messages", "This channel takes no messages")


def _shortened(value: Any, length: int) -> str:
    text = str(value)
    return text if len(text) <= length else text[: length - 1] + "…"


def blames_client(error: Exception, text: str) -> bool:
    """Whether a hook of the application's failed because a frame's text is no JSON, though Python's parser may take it.

    That one takes half a character, NaN and any depth, none of which RFC 8259 or this server allows. It is asked after
    a failure only: it parses the text twice.
    """
    try:
        json.loads(text)
    except json.JSONDecodeError:
        # Text of some other form is the hooks' own business, unless it was that very text they took for JSON.
        return isinstance(error, json.JSONDecodeError) and error.doc == text
    except (ValueError, RecursionError):
        return True
    try:
        from_json(text, allow_inf_nan=False)
        finite.check_text(text)
    except ValueError:
        return True
    return False


# An unfinished string reaches to the end, so that no text makes this search twice.
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_NO_BRACKETS = bytes(each for each in range(256) if each not in b"[]{}")
_SQUARE = bytes.maketrans(b"{}", b"[]")


TOO_LONG = "too_long"
"""The kind of error of a frame that is longer than the limit."""


def check_limits(text: str, max_frame_bytes: int, max_depth: int) -> None:
    """Refuse a text frame that is too long or nested too deep.

    Raises:
        FrameError: It is.
    """
    if len(text) * 4 > max_frame_bytes and len(text.encode("utf-8", "replace")) > max_frame_bytes:
        raise FrameError(TOO_LONG, "message too big")
    check_depth(text, max_depth)


def check_depth(text: str, limit: int) -> None:
    """Refuse JSON whose arrays and objects are nested deeper than ``limit``.

    Most frames are settled by counting; the others by removing innermost pairs, a pass for each level.

    Raises:
        FrameError: It is deeper.
    """
    if len(text) <= 2 * limit or text.count("[") + text.count("{") <= limit:
        return
    brackets = _STRINGS.sub("", text).encode("utf-8", "replace").translate(_SQUARE, _NO_BRACKETS)
    levels = 0
    while levels <= limit and len(fewer := brackets.replace(b"[]", b"")) < len(brackets):
        brackets = fewer
        levels += 1
    # What is left open is not well-formed, but a parser goes that deep before it says so.
    if levels + brackets.count(b"[") > limit:
        raise FrameError("too_deep", f"Input is nested deeper than {limit} levels")
