"""Which method takes which action of an annotated consumer, and as what: worked out when the class is defined.

It calls nothing and knows no framework: :mod:`chanspec.channels.dispatch` does that for consumers of Channels.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from chanspec.contract import Contract, Message
from chanspec.enforcement.reading import Reader
from chanspec.fail_fast import Size


class Reads(Protocol):
    """What reads the messages of one action.

    Attributes:
        blocks: Whether it may wait for a database, and so belongs in a thread.
    """

    blocks: bool

    def read(self, content: Any, size: Size, consumer: Any) -> Any:
        """Return what the method is given; raises ``Invalid``. ``size`` is what its text holds."""


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """Where one action goes.

    Attributes:
        message: The action's.
        method: The attribute that takes it.
        reader: Reads it.
        takes_payload: Whether the method takes what was read.
    """

    message: Message
    method: str
    reader: Reads
    takes_payload: bool


MakeReader = Callable[[Message, Any], Reads | None]
"""Makes what reads an action whose payload the core does not know, given the annotation of its method's parameter; None
for any other. It raises ``TypeError`` where they do not fit."""


def routes_of(contract: Contract, *, is_async: bool, make_reader: MakeReader) -> dict[str, Route]:
    """Return where each documented action of a consumer goes.

    Args:
        contract: The consumer's.
        is_async: Whether its methods are coroutines.
        make_reader: See :data:`MakeReader`.

    Raises:
        TypeError: A method cannot take its action; the message says what to write.
    """
    routes: dict[str, Route] = {}
    consumer = contract.consumer
    if contract.action_field is None and len(contract.actions) > 1:
        names = ", ".join(action.name for action in contract.actions)
        raise TypeError(
            f"{contract.where}.action_field is None, so nothing says which of its actions ({names}) a message is; name "
            "the field that does, or declare one action"
        )
    for action in contract.actions:
        message = action.message
        parameter = _parameter(consumer, action.method, message, is_async=is_async)
        annotation = Any if parameter is None else _annotation(consumer, action.method, parameter)
        reader = make_reader(message, annotation)
        if reader is None:
            reader = known = _reader(message)
            if parameter is not None:
                _check_annotation(message, known.cls, annotation)
        routes[message.value] = Route(message, action.method, reader, parameter is not None)
    return routes


def _parameter(consumer: type, method: str, message: Message, *, is_async: bool) -> inspect.Parameter | None:
    """The parameter that takes the payload; None where the method takes none."""
    function = getattr(consumer, method, None)
    if not callable(function):
        raise TypeError(f"{message.where} is no method any more: {consumer.__qualname__}.{method} is {function!r}")
    _check_kind(function, method, message, is_async=is_async)
    is_bound = isinstance(inspect.getattr_static(consumer, method), staticmethod | classmethod)
    parameters = list(inspect.signature(function).parameters.values())[0 if is_bound else 1 :]
    takes = [each for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    needed = [each for each in parameters if each.default is each.empty and each not in takes[:1]]
    for extra in needed:
        if extra.kind not in (extra.VAR_POSITIONAL, extra.VAR_KEYWORD):
            raise TypeError(
                f"{message.where} wants {extra.name!r} besides the payload, which nobody passes; give it a default, or "
                "put it into the payload"
            )
    if takes:
        return takes[0]
    if message.payload is None or any(each.kind is each.VAR_POSITIONAL for each in parameters):
        return None
    kind = "async def" if is_async else "def"
    raise TypeError(f"{message.where} takes no payload, but declares one; write `{kind} {method}(self, payload)`")


def _check_kind(function: Any, method: str, message: Message, *, is_async: bool) -> None:
    inner = inspect.unwrap(function) if inspect.isfunction(function) else function
    if inspect.isasyncgenfunction(inner) or inspect.isgeneratorfunction(inner):
        raise TypeError(f"{message.where} is a generator, which nobody iterates; send each event with send_json")
    # A decorator's wrapper may return an awaitable without being a coroutine function; only plain functions are told.
    if not inspect.isfunction(function) or hasattr(function, "__wrapped__"):
        return
    if is_async and not inspect.iscoroutinefunction(function):
        raise TypeError(f"{message.where} is a sync method of an async consumer; write `async def {method}`")
    if not is_async and inspect.iscoroutinefunction(function):
        raise TypeError(
            f"{message.where} is an async method of a sync consumer, which would never run it; write `def {method}`, "
            "or derive from AsyncJsonWebsocketConsumer"
        )


def _annotation(consumer: type, method: str, parameter: inspect.Parameter) -> Any:
    """The annotation of a parameter; Any where there is none, or one that cannot be read yet."""
    try:
        function: Any = inspect.unwrap(getattr(consumer, method))
        hints = typing.get_type_hints(function, localns={consumer.__name__: consumer, **vars(consumer)})
    except (NameError, TypeError, AttributeError):  # names of functions around the class, or for type checkers alone
        return Any
    return hints.get(parameter.name, Any)


def _reader(message: Message) -> Reader:
    reader = Reader(message)
    for problem in reader.problems:
        raise TypeError(str(problem))
    return reader


def _check_annotation(message: Message, given: Any, annotation: Any) -> None:
    """Refuse a method that is annotated with another class than the one it is given."""
    wanted = typing.get_origin(annotation) or annotation
    actual = dict if given is None else typing.get_origin(given) or given
    if not (isinstance(wanted, type) and isinstance(actual, type)) or wanted in (Any, types.UnionType):
        return  # unions, Annotated and the like are the type checker's business
    if annotation == given or _is_kind_of(actual, wanted):
        return
    name = "dict[str, Any]" if given is None else getattr(given, "__qualname__", str(given))
    raise TypeError(
        f"{message.where} is annotated with {wanted.__qualname__}, but is given {name}; write `payload: {name}`"
    )


def _is_kind_of(actual: type, wanted: type) -> bool:
    if typing.is_typeddict(actual):
        return wanted in (dict, Mapping) or wanted is actual
    try:
        return issubclass(actual, wanted)
    except TypeError:  # a protocol that cannot be asked
        return True
