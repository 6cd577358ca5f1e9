"""Compiles ``@ws_handler``, ``@event_handler`` and ``passthrough_events``: methods that take message classes.

What cannot work is a ``TypeError`` when the class is defined, with the method and the cure in it.
"""

from __future__ import annotations

import inspect
import re
import sys
import types
import typing
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pydantic import BaseModel

from chanspec.contract.declarations import Declaration
from chanspec.contract.values import Action, Event, Handler, Message
from chanspec.messages import BaseChannelEvent, BaseMessage
from chanspec.notes import HandlerNote

EVENT_HANDLER_FIELD = "handler"
"""The discriminator of a ``BaseChannelEvent``; a ``BaseMessage`` sent as an event has its own."""


@dataclass(slots=True)
class Typed:
    """What the typed handlers of a class come to."""

    handlers: tuple[Handler, ...] = ()
    event_handlers: tuple[Handler, ...] = ()
    outgoing: tuple[type, ...] = ()
    actions: tuple[Action, ...] = ()
    events: tuple[Event, ...] = ()


def compile_typed(consumer: type, declarations: Iterable[Declaration], discriminator: str) -> Typed:
    """Return a consumer's typed handlers and the operations that document them.

    Args:
        consumer: The class.
        declarations: Its decorated methods.
        discriminator: The field that names its messages.

    Raises:
        TypeError: A handler or a passthrough event that cannot work.
    """
    compiler = _Compiler(consumer, discriminator)
    for declaration in declarations:
        for note in declaration.notes:
            if isinstance(note, HandlerNote):
                compiler.add(declaration, note)
    compiler.add_passthroughs()
    return compiler.result()


@dataclass(slots=True)
class _Compiler:
    consumer: type
    discriminator: str
    handlers: dict[str, Handler] = field(default_factory=dict)
    event_handlers: dict[str, Handler] = field(default_factory=dict)
    actions: list[Action] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    outgoing: dict[type, Message] = field(default_factory=dict)

    def add(self, declaration: Declaration, note: HandlerNote) -> None:
        signature = _Signature(declaration, note, self.consumer)
        summary, description = declaration.texts(note)
        replies = tuple(self.message_out(output, declaration.where) for output in signature.outputs)
        for message_type in signature.inputs:
            handler = self.handler(declaration, note, message_type, signature)
            taken = self.handlers if note.kind == "message" else self.event_handlers
            if handler.value in taken:
                raise TypeError(
                    f"{declaration.where} handles {handler.value!r}, and so does {taken[handler.value].where}; "
                    f"give one of the message classes another {handler.field}, or override the method"
                )
            taken[handler.value] = handler
            if note.kind == "message":
                message = Message(
                    direction="in",
                    field=handler.field,
                    value=handler.value,
                    payload=message_type,
                    where=declaration.where,
                    name=message_type.__name__,
                    summary=summary,
                    description=description,
                    tags=note.tags,
                )
                self.actions.append(Action(note.action or handler.value, message, declaration.method, replies))
        if note.kind == "event" and replies:
            name = note.action or replies[0].value
            self.events.append(Event(name, replies, declaration.method, summary, description, note.tags))

    def handler(
        self, declaration: Declaration, note: HandlerNote, message_type: type[BaseModel], signature: _Signature
    ) -> Handler:
        fields = [self.discriminator] if note.kind == "message" else [EVENT_HANDLER_FIELD, self.discriminator]
        name, value = constant_of(message_type, fields, declaration.where)
        return Handler(
            method=declaration.method,
            message_type=message_type,
            field=name,
            value=value,
            outputs=signature.outputs,
            is_stream=signature.is_stream,
            concurrent=note.concurrent,
            passthrough=False,
            where=declaration.where,
        )

    def add_passthroughs(self) -> None:
        prefix = getattr(self.consumer, "passthrough_method_prefix", "handle_passthrough_")
        for owner, event in _passthrough_events(self.consumer):
            where = f"{owner.__module__}:{owner.__qualname__}.passthrough_events"
            if not _is_message(event):
                raise TypeError(f"{where} holds {event!r}; list message classes")
            name, value = constant_of(event, [EVENT_HANDLER_FIELD, self.discriminator], where)
            if value in self.event_handlers:
                continue  # an explicit handler goes before, as does a type listed earlier
            method = prefix + re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", event.__name__).lower()
            self.event_handlers[value] = Handler(method, event, name, value, (event,), False, False, True, where)
            message = self.message_out(event, where)
            self.events.append(Event(message.value, (message,), method))

    def message_out(self, output: type[BaseModel], where: str) -> Message:
        """The one message that documents a class, however many handlers send it."""
        if output not in self.outgoing:
            name, value = constant_of(output, [self.discriminator, EVENT_HANDLER_FIELD], where)
            self.outgoing[output] = Message("out", name, value, output, where, output.__name__)
        return self.outgoing[output]

    def result(self) -> Typed:
        return Typed(
            tuple(self.handlers.values()),
            tuple(self.event_handlers.values()),
            tuple(self.outgoing),
            tuple(self.actions),
            tuple(self.events),
        )


class _Signature:
    """The message classes a handler takes and sends, from its decorator or its annotations."""

    def __init__(self, declaration: Declaration, note: HandlerNote, consumer: type) -> None:
        self.where = declaration.where
        function = declaration.function
        self.is_stream = inspect.isasyncgenfunction(function)
        if not self.is_stream and not inspect.iscoroutinefunction(function):
            name = getattr(function, "__name__", declaration.method)
            raise TypeError(
                f"{self.where} is a sync method, which would block every connection; write `async def {name}`"
            )
        parameters = list(inspect.signature(function).parameters.values())
        if len(parameters) < 2:
            raise TypeError(f"{self.where} takes no message; write `async def {declaration.method}(self, message: …)`")
        for extra in parameters[2:]:
            if extra.default is extra.empty and extra.kind not in (extra.VAR_POSITIONAL, extra.VAR_KEYWORD):
                cure = "give it a default, or put it into the message"
                raise TypeError(f"{self.where} wants {extra.name!r} besides the message, which nobody passes; {cure}")
        namespace = _Namespace(function, consumer)
        annotation = parameters[1].annotation if note.input_type is None else note.input_type
        self.inputs = self._inputs(namespace.evaluate(annotation, self.where), note.kind)
        returned = inspect.signature(function).return_annotation
        sent = [*_classes(namespace.evaluate(returned, self.where)), *_classes(note.output_type)]
        self.outputs = tuple(dict.fromkeys(self._output(each) for each in sent))

    def _inputs(self, annotation: Any, kind: str) -> list[type[BaseModel]]:
        decorator, base = ("ws_handler", "BaseMessage") if kind == "message" else ("event_handler", "BaseChannelEvent")
        if annotation is inspect.Parameter.empty:
            raise TypeError(
                f"{self.where} does not say what it handles; annotate its message, or @{decorator}(input_type=…)"
            )
        inputs = list(_classes(annotation))
        if not inputs:
            raise TypeError(f"{self.where} handles {_name(annotation)}, which is no message; name a class in its place")
        for each in inputs:
            if not _is_message(each):
                raise TypeError(f"{self.where} handles {_name(each)}, which is no message; derive it from {base}")
        return inputs

    def _output(self, output: Any) -> type[BaseModel]:
        if not _is_message(output):
            raise TypeError(f"{self.where} sends {_name(output)}, which is no message; derive it from BaseMessage")
        message: type[BaseModel] = output
        return message


class _Namespace:
    """Evaluates annotations that are strings, under ``from __future__ import annotations``."""

    def __init__(self, function: Any, consumer: type) -> None:
        self.globals = getattr(function, "__globals__", {})
        self.locals = {**_enclosing_locals(consumer), consumer.__name__: consumer, **vars(consumer)}

    def evaluate(self, annotation: Any, where: str) -> Any:
        if not isinstance(annotation, str):
            return annotation
        try:
            # One by one, unlike typing.get_type_hints: other annotations may name what only type checkers import.
            return eval(annotation, self.globals, self.locals)  # noqa: S307 - the application's own source
        except (NameError, AttributeError) as error:
            raise TypeError(
                f"{where} has the annotation {annotation!r}, which cannot be read ({error}); "
                "define or import the class above the consumer, not only under TYPE_CHECKING"
            ) from error


def _enclosing_locals(consumer: type) -> dict[str, Any]:
    """The names around a class statement that is being executed inside functions; the innermost's go first."""
    functions = {part.rpartition(".")[2] for part in consumer.__qualname__.split(".<locals>")[:-1]}
    found: dict[str, Any] = {}
    frame: types.FrameType | None = sys._getframe(1) if functions else None
    while frame is not None:
        if frame.f_code.co_name in functions and frame.f_globals.get("__name__") == consumer.__module__:
            found = {**frame.f_locals, **found}
        frame = frame.f_back
    return found


_COLLECTIONS = (list, tuple, set, frozenset)
_ONE_ARGUMENT = re.compile(r"^(Async)?(Generator|Iterator|Iterable)$|^(Sequence|Collection|Awaitable|Coroutine)$")


def _classes(annotation: Any) -> Iterator[Any]:
    """The classes that an annotation of messages admits: unions, collections and streams are looked into."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation in (None, types.NoneType, inspect.Parameter.empty, Any):
        return
    if isinstance(annotation, list | tuple):
        arguments = tuple(annotation)
    elif origin is typing.Annotated:
        arguments = arguments[:1]
    elif isinstance(origin, type) and _ONE_ARGUMENT.match(origin.__name__):
        arguments = arguments[:1]  # what a generator accepts says nothing of what it yields
    elif hasattr(annotation, "__value__"):  # type Reply = Ack | Refusal
        arguments = (annotation.__value__,)
    elif origin not in (typing.Union, types.UnionType, *_COLLECTIONS):
        yield annotation
        return
    for each in arguments:
        if each is not Ellipsis:
            yield from _classes(each)


def constant_of(message: type[BaseModel], fields: list[str], where: str) -> tuple[str, str]:
    """Return the first of ``fields`` that a message class fixes to one constant, and the constant.

    Raises:
        TypeError: It fixes none.
    """
    for name in fields:
        if name in message.model_fields:
            constants = [each.value if isinstance(each, Enum) else each for each in _literals(message, name)]
            if len(constants) == 1 and isinstance(constants[0], str):
                return name, constants[0]
    is_event = issubclass(message, BaseChannelEvent)
    name = next((name for name in fields if (name == EVENT_HANDLER_FIELD) == is_event), fields[0])
    value = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", message.__name__.removesuffix("Message")).lower()
    raise TypeError(
        f"{where} names {_name(message)}, whose {name!r} is no constant; "
        f'declare `{name}: Literal["{value}"] = "{value}"` in it'
    )


def _literals(message: type[BaseModel], name: str) -> tuple[Any, ...]:
    annotation = message.model_fields[name].annotation
    return typing.get_args(annotation) if typing.get_origin(annotation) is typing.Literal else ()


def _passthrough_events(consumer: type) -> Iterator[tuple[type, Any]]:
    """Every listed event with the class that lists it, bases first."""
    for cls in reversed(consumer.__mro__):
        listed = vars(cls).get("passthrough_events", ())
        if not isinstance(listed, Iterable):
            where = f"{cls.__module__}:{cls.__qualname__}.passthrough_events"
            raise TypeError(f"{where} is {listed!r}; write a list of message classes")
        for event in listed:
            yield cls, event


def _is_message(cls: Any) -> bool:
    return isinstance(cls, type) and issubclass(cls, BaseMessage | BaseChannelEvent)


def _name(each: Any) -> str:
    return each.__qualname__ if isinstance(each, type) else repr(each)
