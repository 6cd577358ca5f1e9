"""``@describe``: what a function that serves WebSocket connections by itself receives and sends.

The messages are declared in a class beside the function. The class is what the document, the checks and the tests read.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from chanspec.contract import contract_of
from chanspec.contract.declarations import DESCRIBED_LATER
from chanspec.runtime.witness import witness_of

__all__ = ["describe"]

Served = TypeVar("Served", bound=Callable[..., Any])


def describe(contract: type) -> Callable[[Served], Served]:
    """Say what a function receives and sends that serves WebSocket connections by itself.

    The function goes on as it does: it routes, parses and sends. It may be the function of ``@app.websocket``, with
    whatever dependencies, a ``functools.partial`` of one, or an ASGI application.

    Args:
        contract: A class whose methods carry ``@document_action`` and ``@document_event``; nobody calls them.
            ``@channel`` names it, and else its docstring describes it.

    Raises:
        TypeError: The class declares no message or serves connections itself, or what is decorated is no function.

    Example:
        >>> class Chat:
        ...     @document_action(payload=ChatPayload, responses={"said": ChatPayload})
        ...     def say(self): ...
        >>> @app.websocket("/ws/{room}")
        ... @describe(Chat)
        ... async def chat(websocket: WebSocket, room: str): ...
    """
    if not isinstance(contract, type):
        raise TypeError(f"@describe takes a class, not {contract!r}; write @describe(Chat) with the class's name")
    name = f"{contract.__module__}:{contract.__qualname__}"
    if callable(getattr(contract, "as_asgi", None)):
        raise TypeError(f"@describe({contract.__name__}): {name} serves connections itself; route its as_asgi()")
    if not contract_of(contract):
        raise TypeError(
            f"@describe({contract.__name__}): {name} declares no message; decorate its methods with @document_action "
            "and @document_event"
        )

    def record(served: Served) -> Served:
        return _described(served, contract)  # type: ignore[no-any-return]

    return record


def _described(served: Any, contract: type) -> Any:
    if isinstance(served, functools.partial):
        return functools.partial(_described(served.func, contract), *served.args, **served.keywords)
    if isinstance(served, type):
        where = f"{served.__module__}:{served.__qualname__}"
        raise TypeError(f"@describe is for functions; decorate the methods of {where} with @document_action themselves")
    if not callable(served):
        raise TypeError(f"@describe({contract.__name__}) decorates a function, not {served!r}")
    if isinstance(known := getattr(served, "consumer_class", None), type):
        raise TypeError(f"@describe({contract.__name__}): {served!r} is described by {known.__qualname__} already")
    marked: Any = _telling(served, contract) if inspect.iscoroutinefunction(served) else served
    try:
        marked.consumer_class = contract
        if marked is not served and inspect.isfunction(served):
            setattr(served, DESCRIBED_LATER, contract)  # a decorator below may have routed it already
    except AttributeError:  # of a method, or an object with slots
        raise TypeError(
            f"@describe({contract.__name__}) cannot mark {served!r}; decorate the function where it is defined"
        ) from None
    return marked


def _telling(function: Callable[..., Any], contract: type) -> Callable[..., Any]:
    """The function, which tells the witness of its connection, if there is one, what describes it."""

    def tell(*passed: Any) -> None:
        for each in passed:
            scope = each if isinstance(each, Mapping) else getattr(each, "scope", None)
            if isinstance(scope, Mapping) and (witness := witness_of(scope)) is not None:
                witness.serves(contract)
                return

    async def application(scope: Any, *args: Any, **kwargs: Any) -> Any:
        tell(scope)
        return await function(scope, *args, **kwargs)

    async def endpoint(*args: Any, **kwargs: Any) -> Any:
        tell(*args, *kwargs.values())
        return await function(*args, **kwargs)

    # Servers call an application without arguments, to see whether it is a factory: it must refuse that as before.
    code = getattr(inspect.unwrap(function), "__code__", None)
    is_application = code is not None and code.co_varnames[: min(code.co_argcount, 1)] == ("scope",)
    described: Callable[..., Any] = application if is_application else endpoint
    return functools.wraps(function)(described)
