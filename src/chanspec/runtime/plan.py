"""Everything about a consumer class that a connection needs, worked out once: codec, routes, which hooks it overrides.

A plan belongs to one class and one set of settings. It holds nothing of a connection.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import BaseModel

from chanspec.contract import Handler, contract_of, naming_field
from chanspec.runtime.authenticator import BaseAuthenticator, takes_scope
from chanspec.runtime.codec import Codec
from chanspec.runtime.settings import NAMES, RuntimeSettings, checked
from chanspec.runtime.undeclared import Undeclared

if TYPE_CHECKING:
    from chanspec.runtime.consumer import Consumer


class HandlerCare(Protocol):
    """What a framework does around every handler and hook, such as closing database connections that are too old.

    ``before`` and ``after`` return None where there is nothing to wait for, so that the usual case costs a call.
    """

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to do in this project. It is asked once for each class."""
        ...

    def before(self) -> Awaitable[None] | None: ...

    def after(self) -> Awaitable[None] | None: ...


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """A handler, ready to be called with a consumer and a message."""

    call: Callable[[Any, Any], Any]
    value: str
    where: str
    is_stream: bool
    concurrent: bool


class Plan:
    """See the module.

    Attributes:
        codec: Of its messages.
        settings: The effective ones.
        routes: The handler of each message class.
        event_routes: The handler of each channel event, by its discriminator and the value of that.
        reads_through_hooks: Whether a hook between frame and handler is overridden, so that frames take that way.
        writes_through_hooks: Whether one between message and frame is.
        is_direct: Whether a reply may go straight from model to outbox.
        care: What the framework does around handlers, or None.
        authenticator: The class that decides who may connect, or None.
        undeclared: Logs what no handler declares, or None.
    """

    __slots__ = (
        "_base",
        "_by_value",
        "_consumer",
        "_own",
        "authenticate_with_scope",
        "authenticator",
        "care",
        "codec",
        "dispatches",
        "event_routes",
        "is_direct",
        "reads_through_hooks",
        "routes",
        "settings",
        "shallow",
        "undeclared",
        "unknown",
        "where",
        "writes_through_hooks",
    )

    def __init__(self, consumer: type[Consumer[Any]], base: type, settings: RuntimeSettings) -> None:
        """Bind what ``consumer`` declares.

        Args:
            consumer: The class.
            base: The class whose hooks are the runtime's own.
            settings: The effective ones.

        Raises:
            pydantic.errors.PydanticUserError: A message class refers to one that is not defined yet.
        """
        contract = contract_of(consumer)
        self.where = contract.where
        self.settings = settings
        self.codec = Codec(
            contract.handlers, contract.event_handlers, contract.discriminator_field, camelize=settings.camelize
        )
        self.undeclared = Undeclared(contract) if settings.log_undeclared_messages else None
        if self.undeclared is not None:
            self.codec.first_sent = self.undeclared.first_sent
        care: HandlerCare | None = consumer.handler_care
        self.care = None if care is None or not care.is_needed else care
        self.routes = {each.message_type: _route(consumer, each) for each in contract.handlers}
        self.event_routes = {(each.field, each.value): _route(consumer, each) for each in contract.event_handlers}
        self._by_value = {route.value: route for route in self.routes.values()}
        self.authenticator: type[BaseAuthenticator] | None = consumer.authenticator_class
        self.authenticate_with_scope = self.authenticator is not None and takes_scope(self.authenticator)
        self.dispatches = overrides(consumer, base, "dispatch")
        self.reads_through_hooks = overrides(consumer, base, *_READING)
        self.writes_through_hooks = overrides(consumer, base, *_WRITING)
        self.is_direct = (
            not self.writes_through_hooks
            and not overrides(consumer, base, "send_message")
            and settings.send_message_immediately
            and not settings.send_completion
        )
        self._base = base
        self._own = tuple(getattr(base, hook) for hook in _LIFE)
        self._consumer = consumer
        # Shorter texts exceed no limit, and are not measured: a character takes up to 4 bytes, a level 2 characters.
        self.shallow = min(settings.max_frame_bytes // 4, 2 * settings.max_depth)
        self.unknown: set[str] = set()  # channel events without a handler that were logged

    @property
    def consumer(self) -> type[Consumer[Any]]:
        """The class."""
        return self._consumer

    def route_by_value(self, message: BaseModel) -> Route:
        """The handler of a message of a class that has none: a validator of the application's returned it."""
        return self._by_value[getattr(message, naming_field(type(message), self.codec.discriminator))]

    def is_own(self, hook: Callable[..., Any]) -> bool:
        """Whether a hook at a connection's beginning or end is the runtime's own, and no code of the application's."""
        return getattr(hook, "__func__", None) in self._own

    def method_of(self, kind: str) -> str | None:
        """The name of the application's method for a layer message of this ``type``, as Channels names it."""
        name = kind.replace(".", "_")
        if name.startswith("_") or not callable(getattr(self._consumer, name, None)):
            return None
        # What else the runtime itself is made of is no business of a message from elsewhere, be it overridden or not.
        if not hasattr(self._base, name) or name in _TAKE_MESSAGES:
            return name
        return name if name in _NAMED_ALIKE and overrides(self._consumer, self._base, name) else None


_TAKE_MESSAGES = frozenset({"websocket_receive", "receive_json", "send_json"})
"""Hooks of Channels that a layer message can name there, as ``{"type": "send_json"}`` often does."""

_NAMED_ALIKE = frozenset({"send_message", "broadcast_message", "send_event", "broadcast_event"})
"""What Channels does not have, and applications like to call the methods of their layer messages."""

_LIFE = ("websocket_connect", "connect", "post_authentication", "websocket_disconnect", "disconnect")
_READING = ("dispatch", "websocket_receive", "receive", "receive_json", "decode_json")
_WRITING = ("send", "send_json", "encode_json", "base_send")

HOOKS = (*_READING, *_WRITING, "send_message")
"""Those that a message passes through. A plan is made for each combination of them: a test may replace one later."""

READING, WRITING = frozenset(_READING), frozenset({*_WRITING, "send_message"})


def effective(consumer: type, given: RuntimeSettings) -> RuntimeSettings:
    """Return the settings with those that the class sets itself."""
    where = f"{consumer.__module__}:{consumer.__qualname__}"
    own = {name: getattr(consumer, name, None) for name in NAMES}
    values = {name: getattr(given, name) for name in NAMES}
    values.update({name: checked(name, value, where) for name, value in own.items() if value is not None})
    return RuntimeSettings(**values)


def overrides(consumer: type, base: type, *hooks: str) -> bool:
    """Whether ``consumer`` has a hook of its own where ``base`` has the runtime's."""
    static = inspect.getattr_static
    return any(static(consumer, hook) is not static(base, hook) for hook in hooks)


def _route(consumer: type, handler: Handler) -> Route:
    method = handler.method
    if inspect.isfunction(inspect.getattr_static(consumer, method, None)):
        call = getattr(consumer, method)  # the function itself: a message costs no look-up and no bound method
    else:

        def call(instance: Any, message: BaseModel) -> Any:
            return getattr(instance, method)(message)

    return Route(call, handler.value, handler.where, handler.is_stream, handler.concurrent)
