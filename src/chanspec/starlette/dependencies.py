"""What FastAPI fills in for a consumer: the parameters of its ``__init__``, as it does those of a function.

FastAPI calls the endpoint of ``app.websocket`` with what the endpoint's signature names. :class:`Endpoint` gives an
ASGI application such a signature, and takes the connection out of what FastAPI passes. FastAPI is not imported here:
where a project does not use it, nothing of it can be in a signature.
"""

from __future__ import annotations

import inspect
import sys
import typing
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from typing import Any

from chanspec.asyncapi import wrappers
from chanspec.contract.declarations import declarations
from chanspec.contract.typed import Namespace
from chanspec.problems import Problem

__all__ = [
    "SOLVED",
    "Connection",
    "Endpoint",
    "annotations_of",
    "check_methods",
    "is_for_fastapi",
    "needs_of",
    "signature_of",
    "unsolved",
]

_ASGI = ("scope", "receive", "send")
"""What an application takes of ASGI. FastAPI passes a ``WebSocket`` as the first of it, and nothing as the others."""

SOLVED = "chanspec.solved"
"""The key of the scope that carries what FastAPI solved, through middleware, to the consumer."""

Connection = tuple[MutableMapping[str, Any], Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]]
"""``scope``, ``receive`` and ``send``."""


class _Signature:
    """The signature of an application, which its class has not."""

    def __get__(self, instance: Any, owner: type) -> inspect.Signature:
        if instance is None:
            raise AttributeError("__signature__")
        return signature_of(*(_consumer_in(instance) or (None, {})))


class Endpoint:
    """An ASGI application that FastAPI can call as well, as it calls the function of ``@app.websocket``."""

    __signature__ = _Signature()

    def connection(self, websocket: Any, solved: dict[str, Any]) -> Connection | None:
        """The connection that FastAPI passed; None where a dependency closed it.

        Args:
            websocket: Starlette's ``WebSocket``.
            solved: All else that FastAPI passed.

        Raises:
            RuntimeError: A dependency accepted the connection.
        """
        if websocket.application_state.name not in ("CONNECTING", "CONNECTED"):
            return None
        if websocket.client_state.name != "CONNECTING":
            raise RuntimeError(
                f"a dependency of {self!r} accepted the connection, which the consumer does; let it raise "
                "WebSocketException to refuse, and move the rest into connect() or an authenticator"
            )
        scope: MutableMapping[str, Any] = websocket.scope
        scope[SOLVED] = solved
        # The public methods of a WebSocket check and record every frame, and raise for a client that left.
        return scope, websocket._receive, websocket._send


def is_for_fastapi(endpoint: Any) -> bool:
    """Whether FastAPI can call an endpoint that is no function: it has the signature of an :class:`Endpoint`."""
    from starlette.websockets import WebSocket

    parameter = inspect.signature(endpoint).parameters.get(_ASGI[0])
    return parameter is not None and parameter.annotation is WebSocket


def signature_of(consumer: type | None, given: Mapping[str, Any]) -> inspect.Signature:
    """What FastAPI is to pass for a consumer.

    Args:
        consumer: The class, or None for another application, which takes the connection alone.
        given: The arguments of ``__init__`` that ``as_asgi`` was given.

    Raises:
        TypeError: An annotation cannot be read, or a parameter has the name of one of ASGI's.
    """
    from starlette.websockets import WebSocket

    kind = inspect.Parameter.KEYWORD_ONLY
    parameters = [inspect.Parameter(_ASGI[0], kind, annotation=WebSocket)]
    if consumer is not None:
        namespace = Namespace(inspect.unwrap(_init_of(consumer)), consumer)
        where = f"{consumer.__module__}:{consumer.__qualname__}.__init__"
        for parameter in _parameters(consumer):
            if parameter.name in given:
                continue
            if parameter.name in _ASGI:
                raise TypeError(f"{where} takes {parameter.name!r}, which is a name of ASGI's; give it another")
            annotation = namespace.evaluate(parameter.annotation, where)
            parameters.append(parameter.replace(kind=kind, annotation=annotation))
    return inspect.Signature(parameters)


def annotations_of(consumer: type) -> dict[str, Any]:
    """The annotations of ``__init__`` that are strings, evaluated as far as they can be.

    It is called while the class is being defined: only then are names of an enclosing function sure to be found.
    """
    init = _init_of(consumer)
    for base in consumer.__mro__[1:]:
        if _init_of(base) is init and "_init_annotations" in vars(base):
            known: dict[str, Any] = vars(base)["_init_annotations"]
            return known
    return {
        parameter.name: evaluated
        for parameter in _parameters_of(init)
        if isinstance(parameter.annotation, str) and (evaluated := _evaluated(parameter, init, consumer)) is not None
    }


def needs_of(consumer: type, given: Mapping[str, Any]) -> tuple[str, ...]:
    """The parameters of ``__init__`` that nobody but FastAPI can fill in.

    Args:
        consumer: The class.
        given: The arguments that ``as_asgi`` was given.
    """
    if not _markers():
        return ()
    return tuple(
        each.name
        for each in _parameters(consumer)
        if each.name not in given
        and _is_fastapis(each)
        and (each.default is each.empty or isinstance(each.default, _markers()))
    )


def unsolved(consumer: type, name: str) -> Problem:
    """What is wrong where something else than FastAPI calls for a parameter of ``__init__`` that is FastAPI's."""
    return Problem(
        f"{consumer.__module__}:{consumer.__qualname__}.__init__",
        f"{name!r} is FastAPI's to fill in, and the consumer is not routed by FastAPI",
        f"route it with app.websocket(path)({consumer.__name__}.as_asgi()), or pass as_asgi({name}=…)",
        is_error=True,
    )


def check_methods(consumer: type, base: type) -> None:
    """Find dependencies in the place where nobody solves them.

    Args:
        consumer: A class that is being defined.
        base: The class whose own methods need no look.

    Raises:
        TypeError: A method besides ``__init__`` has one.
    """
    if not _markers():
        return
    for name, function, where in _methods(consumer, base):
        for parameter in _parameters_of(function):
            evaluated = parameter
            if isinstance(parameter.annotation, str):
                annotation = _evaluated(parameter, function, consumer)
                evaluated = parameter.replace(annotation=annotation)
            if _is_fastapis(evaluated):
                raise TypeError(
                    f"{where} takes {parameter.name!r} from FastAPI, which calls no method of a consumer; write it as "
                    f"a parameter of __init__, where it is solved once for each connection, and keep it: "
                    f"`def __init__(self, {parameter.name}: Annotated[…, Depends(…)]): self.{parameter.name} = "
                    f"{parameter.name}`; {name} then reads self.{parameter.name}"
                )


def _methods(consumer: type, base: type) -> Iterator[tuple[str, Any, str]]:
    """The methods of a class that were not looked at in a base, and where they are written."""
    handlers = {each.method: each for each in declarations(consumer)}
    for owner in consumer.__mro__:
        if owner in base.__mro__ or (owner is not consumer and issubclass(owner, base)):
            continue
        for name, value in vars(owner).items():
            if name == "__init__" or inspect.getattr_static(consumer, name, None) is not value:
                continue
            if name in handlers:
                yield name, handlers[name].function, handlers[name].where
            elif inspect.isfunction(value) and not hasattr(value, "__wrapped__"):  # a wrapper may solve what it takes
                yield name, value, f"{owner.__module__}:{owner.__qualname__}.{name}"


def _parameters(consumer: type) -> list[inspect.Parameter]:
    """What ``__init__`` takes by name."""
    evaluated: Mapping[str, Any] = getattr(consumer, "_init_annotations", {})
    return [
        each.replace(annotation=evaluated.get(each.name, each.annotation))
        for each in _parameters_of(_init_of(consumer))
        if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
    ]


def _init_of(consumer: type) -> Any:
    return consumer.__init__  # type: ignore[misc]


def _parameters_of(method: Any) -> list[inspect.Parameter]:
    """The parameters of a method behind ``self``; none where it has no signature, as what is written in C."""
    try:
        if sys.version_info >= (3, 14):
            # An annotation may name what only type checkers import.
            from annotationlib import Format

            signature = inspect.signature(method, annotation_format=Format.FORWARDREF)
        else:
            signature = inspect.signature(method)
    except (TypeError, ValueError):
        return []
    return list(signature.parameters.values())[1:]


def _evaluated(parameter: inspect.Parameter, function: Any, consumer: type) -> Any:
    """The annotation of a parameter; None where it names what only type checkers import."""
    try:
        return Namespace(inspect.unwrap(function), consumer).evaluate(parameter.annotation, "")
    except Exception:  # of a name that is yet to be defined, or of anything that the text does
        return None


def _markers() -> tuple[type, ...]:
    """The classes that mark a parameter as FastAPI's to fill in."""
    params: Any = sys.modules.get("fastapi.params")
    return () if params is None else (params.Depends, params.Param, params.Body)


def _is_fastapis(parameter: inspect.Parameter) -> bool:
    annotation = parameter.annotation
    while hasattr(annotation, "__value__"):  # type Db = Annotated[Session, Depends(session)]
        annotation = annotation.__value__
    metadata = annotation.__metadata__ if typing.get_origin(annotation) is typing.Annotated else ()
    return any(isinstance(each, _markers()) for each in (parameter.default, *metadata))


def _consumer_in(application: object) -> tuple[type, Mapping[str, Any]] | None:
    """The consumer inside an application and its middleware, with what ``as_asgi`` was given; not behind a router."""
    waiting, seen = [application], set[int]()
    while waiting and len(seen) < wrappers.MAX_DEPTH:
        each = waiting.pop(0)
        attributes: Mapping[str, Any] = getattr(each, "__dict__", {})
        consumer, given = attributes.get("consumer_class"), attributes.get("consumer_initkwargs")
        if isinstance(consumer, type) and isinstance(given, Mapping):
            return consumer, given
        if id(each) not in seen and inspect.getattr_static(each, "routes", None) is None:
            waiting += [inner for batch in wrappers.inner_of(each) for inner in batch]
        seen.add(id(each))
    return None
