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
from typing import Any

from pydantic import BaseModel

from chanspec.contract.constants import EVENT_HANDLER_FIELD, Constant, constant_of
from chanspec.contract.declarations import Declaration
from chanspec.contract.values import Action, Event, Handler, Message
from chanspec.messages import BaseChannelEvent, BaseMessage
from chanspec.notes import HandlerNote


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
        notes = [note for note in declaration.notes if isinstance(note, HandlerNote)]
        _check_one(notes, declaration)
        for note in notes:
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
        fields = [self.discriminator] if note.kind == "message" else [EVENT_HANDLER_FIELD, self.discriminator]
        for message_type in signature.inputs:
            constant = constant_of(message_type, fields, declaration.where)
            handler = _handler(declaration, note, message_type, signature, constant)
            taken = self.handlers if note.kind == "message" else self.event_handlers
            if handler.value in taken:
                raise TypeError(
                    f"{declaration.where} handles {handler.value!r}, and so does {taken[handler.value].where}; "
                    f"give one of the message classes another {constant.field}, or override the method"
                )
            taken[handler.value] = handler
            if note.kind == "message":
                message = Message(
                    direction="in",
                    field=constant.field,
                    value=handler.value,
                    payload=message_type,
                    where=declaration.where,
                    name=message_type.__name__,
                    attribute=constant.attribute,
                    summary=summary,
                    description=description,
                    tags=note.tags,
                )
                name, is_optional = note.action or handler.value, bool(replies) and not signature.promises
                self.actions.append(Action(name, message, declaration.method, replies, is_optional))
        if note.kind == "event" and replies:
            name = note.action or replies[0].value
            self.events.append(Event(name, replies, declaration.method, summary, description, note.tags))

    def add_passthroughs(self) -> None:
        prefix = getattr(self.consumer, "passthrough_method_prefix", "handle_passthrough_")
        for owner, event in _passthrough_events(self.consumer):
            where = f"{owner.__module__}:{owner.__qualname__}.passthrough_events"
            if not _is_message(event):
                raise TypeError(f"{where} holds {event!r}; list message classes")
            name, value, _ = constant_of(event, [EVENT_HANDLER_FIELD, self.discriminator], where)
            if value in self.event_handlers:
                continue  # an explicit handler goes before, as does a type listed earlier
            method = prefix + re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", event.__name__).lower()
            self.event_handlers[value] = Handler(method, event, name, value, (event,), False, False, True, where)
            message = self.message_out(event, where)
            self.events.append(Event(message.value, (message,), method))

    def message_out(self, output: type[BaseModel], where: str) -> Message:
        """The one message that documents a class, however many handlers send it."""
        if output not in self.outgoing:
            attribute, value, name = constant_of(output, [self.discriminator, EVENT_HANDLER_FIELD], where)
            self.outgoing[output] = Message("out", name, value, output, where, output.__name__, attribute)
        return self.outgoing[output]

    def result(self) -> Typed:
        return Typed(
            tuple(self.handlers.values()),
            tuple(self.event_handlers.values()),
            tuple(self.outgoing),
            tuple(self.actions),
            tuple(self.events),
        )


def _handler(
    declaration: Declaration,
    note: HandlerNote,
    message_type: type[BaseModel],
    signature: _Signature,
    constant: Constant,
) -> Handler:
    return Handler(
        method=declaration.method,
        message_type=message_type,
        field=constant.attribute,
        value=constant.value,
        outputs=signature.outputs,
        is_stream=signature.is_stream,
        concurrent=note.concurrent,
        passthrough=False,
        where=declaration.where,
    )


def _check_one(notes: list[HandlerNote], declaration: Declaration) -> None:
    """Refuse a method that is a handler twice.

    Raises:
        TypeError: It is.
    """
    if len(notes) < 2:
        return
    kinds = {note.kind for note in notes}
    if len(kinds) > 1:
        raise TypeError(
            f"{declaration.where} has both @ws_handler and @event_handler; write a method for each, "
            "and let both call what they share"
        )
    decorator = "ws_handler" if kinds == {"message"} else "event_handler"
    raise TypeError(f"{declaration.where} has @{decorator} twice; write it once, with the arguments of both")


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
        if len(parameters) < 2 or parameters[1].kind in (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD):
            raise TypeError(f"{self.where} takes no message; write `async def {declaration.method}(self, message: …)`")
        for extra in parameters[2:]:
            if extra.default is extra.empty and extra.kind not in (extra.VAR_POSITIONAL, extra.VAR_KEYWORD):
                cure = "give it a default, or put it into the message"
                raise TypeError(f"{self.where} wants {extra.name!r} besides the message, which nobody passes; {cure}")
        namespace = Namespace(function, consumer)
        annotation = parameters[1].annotation if note.input_type is None else note.input_type
        self.inputs = self._inputs(namespace.evaluate(annotation, self.where), note.kind)
        returned = namespace.evaluate(inspect.signature(function).return_annotation, self.where)
        if not self.is_stream and _STREAM.match(getattr(typing.get_origin(returned) or returned, "__name__", "")):
            raise TypeError(f"{self.where} returns a generator, which nobody reads; yield its messages: `yield …`")
        self.promises = _promises(returned)
        sent = [*_classes(returned), *_classes(note.output_type)]
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


class Namespace:
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
_STREAM = re.compile(r"^Async(Generator|Iterator|Iterable)$")
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


def _promises(annotation: Any) -> bool:
    """Whether what a handler returns is a message for certain: not None, and no collection or stream of any length."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return all(_promises(each) for each in arguments)
    if origin is typing.Annotated:
        return _promises(arguments[0])
    if hasattr(annotation, "__value__"):
        return _promises(annotation.__value__)
    return _is_message(annotation)


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
