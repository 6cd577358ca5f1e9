"""What happens when a consumer class is defined: its mistakes are found, its groups merged, its plan made.

The plan depends on the settings too, so it is made for each combination that is used, and looked up for a connection.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from chanspec.contract import declared_by
from chanspec.runtime.authenticator import BaseAuthenticator
from chanspec.runtime.plan import HOOKS, Plan, effective, overrides
from chanspec.runtime.settings import NAMES, checked, overridden

if TYPE_CHECKING:
    from chanspec.runtime.consumer import Consumer

__all__ = ["add_passthrough_methods", "check_hooks", "checked_names", "merged_groups", "overrides", "plan_of"]

MAX_PLANS = 32  # classes whose settings keep changing, as in tests

_own_settings = attrgetter(*NAMES, "authenticator_class", "handler_care", "discriminator_field", *HOOKS)


def plan_of(consumer: type[Consumer[Any]], base: type, overrides: Mapping[str, Any] | None = None) -> Plan:
    """Return the plan of a class for its settings as they are now.

    Args:
        consumer: The class.
        base: The class whose hooks are the runtime's own.
        overrides: Settings that go before the class's, for one connection of a test.
    """
    if overrides:
        return Plan(consumer, base, overridden(effective(consumer, consumer.runtime_settings()), overrides))
    key = (consumer.runtime_settings(), _own_settings(consumer))
    try:
        plan = consumer._plans.get(key)
    except TypeError:  # a list or a set is among them, which is no part of a key
        key = (key[0], tuple(frozenset(each) if isinstance(each, list | set) else each for each in key[1]))
        plan = consumer._plans.get(key)
    if plan is None:
        if len(consumer._plans) >= MAX_PLANS:
            consumer._plans.clear()
        plan = Plan(consumer, base, effective(consumer, key[0]))
        consumer._plans[key] = plan
    return plan


def is_late(value: Any) -> bool:
    """Whether a class's attribute is a property or the like, which has its value later, for an instance."""
    return hasattr(value, "__get__") and not inspect.isfunction(value)


def checked_names(groups: Any, where: str) -> tuple[str, ...]:
    """Return groups, or subprotocols; none for None.

    Args:
        groups: The value of ``groups``, ``extra_groups`` or ``subprotocols``.
        where: What the error begins with: ``module:Class.groups``.

    Raises:
        TypeError: They are no list of strings.
    """
    if groups is None:
        return ()
    is_list = isinstance(groups, Collection) and not isinstance(groups, str | bytes)
    if not is_list or not all(isinstance(group, str) for group in groups):
        raise TypeError(f"{where} is {groups!r}; write a list of strings")
    return tuple(groups)


def merged_groups(consumer: type) -> tuple[str, ...]:
    """The ``extra_groups`` of a class and its bases, bases first, each once. Its ``groups`` are checked on the way.

    Raises:
        TypeError: One of the two is no list of strings, or ``extra_groups`` is a property.
    """
    found: dict[str, None] = {}
    for cls in reversed(consumer.__mro__):
        where = f"{cls.__module__}:{cls.__qualname__}"
        groups = vars(cls).get("groups")
        if not is_late(groups):
            checked_names(groups, f"{where}.groups")
        extra = vars(cls).get("extra_groups")
        if is_late(extra):
            raise TypeError(f"{where}.extra_groups is a property; write a list of strings, or make groups the property")
        found.update(dict.fromkeys(checked_names(extra, f"{where}.extra_groups")))
    return tuple(found)


def check_hooks(consumer: type, base: type) -> None:
    """Find what would fail on the first connection.

    Raises:
        TypeError: A hook is a sync method, a handler has a hook's name, or the contract has a mistake.
    """
    for name, value in vars(consumer).items():
        inherited = inspect.getattr_static(base, name, None)
        function = value.__func__ if isinstance(value, classmethod | staticmethod) else value
        inherited = inherited.__func__ if isinstance(inherited, classmethod | staticmethod) else inherited
        is_sync = inspect.isfunction(function) and not inspect.iscoroutinefunction(function)
        # A decorator's wrapper may return an awaitable without being a coroutine function.
        if is_sync and inspect.iscoroutinefunction(inherited) and not hasattr(function, "__wrapped__"):
            where = f"{consumer.__module__}:{consumer.__qualname__}.{name}"
            raise TypeError(f"{where} is a sync method, but {name} is awaited; write `async def {name}`")
    _check_attributes(consumer)
    declared = declared_by(consumer)
    for handler in (*declared.handlers, *declared.event_handlers):
        if hasattr(base, handler.method):
            raise TypeError(
                f"{handler.where} handles {handler.value!r}, but {handler.method} is what the consumer itself is made "
                f"of; give it another name, such as on_{handler.method.strip('_')}"
            )


def _check_attributes(consumer: type) -> None:
    where = f"{consumer.__module__}:{consumer.__qualname__}"
    for name in NAMES:
        value = vars(consumer).get(name)
        if value is not None and not hasattr(value, "__get__"):  # a property has its value later
            checked(name, value, where)
    subprotocols = vars(consumer).get("subprotocols")
    if not is_late(subprotocols):
        checked_names(subprotocols, f"{where}.subprotocols")
    authenticator = vars(consumer).get("authenticator_class")
    if authenticator is None or (isinstance(authenticator, type) and issubclass(authenticator, BaseAuthenticator)):
        return
    raise TypeError(f"{where}.authenticator_class is {authenticator!r}; write a class derived from BaseAuthenticator")


def add_passthrough_methods(consumer: type) -> None:
    """Give the class the methods that its passthrough events are handled by, unless it has them."""
    for handler in declared_by(consumer).event_handlers:
        if handler.passthrough and not hasattr(consumer, handler.method):
            setattr(consumer, handler.method, _passthrough(consumer, handler.method, handler.message_type))


def _passthrough(consumer: type, name: str, event_type: type) -> Any:
    async def passthrough(self: Any, event: BaseModel) -> BaseModel:
        return event

    passthrough.__name__ = name
    passthrough.__qualname__ = f"{consumer.__qualname__}.{name}"
    passthrough.__module__ = consumer.__module__
    passthrough.__doc__ = f"Send {event_type.__name__} to the client as it is."
    passthrough.__annotations__ = {"event": event_type, "return": event_type}
    return passthrough
