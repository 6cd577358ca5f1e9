"""Looks inside an ASGI middleware for the applications it may call.

Only looks: attributes, closures, bound arguments and the globals a function names. Nothing is called, no
property is read. What the applications are (routers, consumers) is ``discovery``'s concern.
"""

from __future__ import annotations

import functools
import inspect
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["MAX_DEPTH", "inner_of", "is_application", "name_of", "was_given_something"]

#: Applications nested deeper than this are not looked into.
MAX_DEPTH = 64

#: The names that Channels, Starlette and most others give to the application inside.
_USUAL_NAMES = ("inner", "application", "app", "asgi_app", "wrapped_app")

_ASGI_ARGUMENTS = 3  # scope, receive, send


def is_application(value: object) -> bool:
    """Whether a value can be called as ``value(scope, receive, send)``."""
    if isinstance(value, type | types.BuiltinFunctionType) or not callable(value):
        return False
    if isinstance(value, types.FunctionType):
        return _takes_three(value, bound=0)
    if isinstance(value, functools.partial):
        return True
    call = value.__func__ if isinstance(value, types.MethodType) else _call_of(value)
    # Of other callables nothing is known: a slot named __call__, a descriptor, something written in C.
    return not isinstance(call, types.FunctionType) or _takes_three(call, bound=1)


def inner_of(application: object) -> Iterator[list[object]]:
    """Applications that one may call, in batches of falling likelihood."""
    named: list[object] = []
    others: list[object] = []
    for name, value in _held(application):
        (named if name in _USUAL_NAMES else others).extend(_applications(value))
    yield from (batch for batch in (named, others) if batch)
    if function := _function_of(application):
        yield list(_applications(list(_globals_named_in(function))))


def was_given_something(application: object) -> bool:
    """Whether an application may hold another: a plain function and an instance made from nothing cannot."""
    if isinstance(application, types.FunctionType):
        return bool(application.__closure__ or application.__defaults__ or application.__kwdefaults__)
    if isinstance(application, functools.partial | types.MethodType):
        return True
    return _held_by_instance(application) or _takes_arguments(type(application))


def name_of(value: object) -> str:
    """``module:qualname`` of a class, a function or what an instance is of."""
    if isinstance(value, functools.partial):
        return name_of(value.func)
    named: Any = value if isinstance(value, type | types.FunctionType | types.MethodType) else type(value)
    return f"{named.__module__}:{named.__qualname__}"


def _held(application: object) -> Iterator[tuple[str, object]]:
    """Whatever an application holds, with the name it is held by."""
    if isinstance(application, functools.partial):
        yield "", application.func
        yield from (("", value) for value in application.args)
        yield from application.keywords.items()
        yield from _held(application.func)
    elif isinstance(application, types.MethodType):
        yield "", application.__func__
        yield from _held(application.__self__)
    elif isinstance(application, types.FunctionType):
        yield from _held_by_function(application)
    yield from _attributes(application)


def _held_by_function(function: types.FunctionType) -> Iterator[tuple[str, object]]:
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield name, cell.cell_contents
        except ValueError:  # a cell not filled yet
            continue
    yield from (("", value) for value in function.__defaults__ or ())
    yield from (function.__kwdefaults__ or {}).items()


def _attributes(application: object) -> Iterator[tuple[str, object]]:
    """Instance attributes and filled slots, without running a property or ``__getattr__``."""
    if hasattr(application, "__dict__"):
        yield from list(vars(application).items())
    for owner in type(application).__mro__:
        if "__slots__" in vars(owner):
            yield from _filled_slots(application, owner)
    call = vars(type(application)).get("__call__")
    if isinstance(call, types.FunctionType) and not isinstance(application, types.FunctionType):
        yield from _held_by_function(call)


def _filled_slots(application: object, owner: type) -> Iterator[tuple[str, object]]:
    for name, member in vars(owner).items():
        if isinstance(member, types.MemberDescriptorType):
            try:
                yield name, member.__get__(application)
            except AttributeError:  # declared but never set
                continue


def _applications(value: object) -> Iterable[object]:
    """The value, or the members of a collection, that can be applications."""
    if isinstance(value, dict):
        members: list[object] = list(value.values())
    elif isinstance(value, list | tuple | set | frozenset):
        members = list(value)
    else:
        members = [value]
    return [member for member in members if is_application(member)]


def _function_of(application: object) -> types.FunctionType | None:
    if isinstance(application, types.FunctionType):
        return application
    if isinstance(application, functools.partial):
        return _function_of(application.func)
    call = application.__func__ if isinstance(application, types.MethodType) else _call_of(application)
    return call if isinstance(call, types.FunctionType) else None


def _call_of(instance: object) -> object:
    """What calling an instance runs, looked up without its class having a say."""
    return inspect.getattr_static(type(instance), "__call__", None)


def _takes_three(function: types.FunctionType, *, bound: int) -> bool:
    """Whether a function can be called with three positional arguments behind its ``bound`` first ones."""
    code, given = function.__code__, _ASGI_ARGUMENTS + bound
    required = code.co_argcount - len(function.__defaults__ or ())
    takes_more = bool(code.co_flags & inspect.CO_VARARGS)
    keywords_filled = code.co_kwonlyargcount <= len(function.__kwdefaults__ or {})
    return required <= given and (code.co_argcount >= given or takes_more) and keywords_filled


def _globals_named_in(function: types.FunctionType) -> Iterator[object]:
    """Module-level values that a function names: ``async def application(...): await websocket(...)``."""
    for name in function.__code__.co_names:
        if name in function.__globals__:
            yield function.__globals__[name]


def _held_by_instance(application: object) -> bool:
    return any(True for _ in _attributes(application))


def _takes_arguments(owner: type) -> bool:
    initializer = vars(owner).get("__init__")
    return isinstance(initializer, types.FunctionType) and initializer.__code__.co_argcount > 1
