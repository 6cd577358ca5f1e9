"""What the typed consumers of every framework derive from: attributes, hooks, and ways to send.

How a connection is served is :mod:`chanspec.runtime.connection`; what a class declares is :mod:`chanspec.contract`.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Collection, Iterable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json, to_json, to_jsonable_python

from chanspec.messages import ErrorMessage
from chanspec.runtime import declaring, log
from chanspec.runtime.answering import check_frame, kept
from chanspec.runtime.authenticator import BaseAuthenticator
from chanspec.runtime.channels_exceptions import accepts, denies
from chanspec.runtime.codec import FrameError
from chanspec.runtime.connection import Connection, Receive, accept_frame, close_frame, detached
from chanspec.runtime.layers import get_layer
from chanspec.runtime.outbox import Frame, Send
from chanspec.runtime.plan import HandlerCare, Plan
from chanspec.runtime.sending import Event, Sending
from chanspec.runtime.settings import DEFAULTS, RuntimeSettings
from chanspec.runtime.watching import KEY as WATCH
from chanspec.runtime.watching import Watch
from chanspec.runtime.witness import witness_of

FAILED = "The message could not be handled."


class Consumer(Sending[Event]):
    """Serves WebSocket connections, one instance each, with a handler for each class of message.

    Methods decorated with ``@ws_handler`` take the client's messages and ``@event_handler`` those of the channel
    layer; what they return is sent to the client. A mistake in them is a ``TypeError`` when the class is defined.

    Every hook of Channels' consumers can be overridden as there: ``connect``, ``disconnect``, ``accept``, ``close``,
    ``websocket_connect``, ``websocket_receive``, ``websocket_disconnect``, ``dispatch``, ``receive``,
    ``receive_json``, ``decode_json``, ``send``, ``send_json``, ``encode_json`` and ``base_send``. All are coroutines; a
    sync one is a ``TypeError``. Overriding one of those that a message passes through makes all messages of the class
    take that way, which is several times slower; so does assigning one to an instance, until ``post_authentication``
    has returned. None of them runs before the authenticator let the client in.

    Attributes:
        scope: The connection's ASGI scope.
        channel_layer: Carries groups and channel events between processes.
        channel_name: What the layer calls this connection.
        groups: Groups that are joined on connecting and broadcast to by default. A subclass's replace those of its
            bases. Each instance has its own list. It may be a property.
        extra_groups: More such groups; those of a class, its bases and its mixins are merged.
        subprotocols: Those that it speaks, the best first (RFC 6455, 1.9). The first that the client offers is
            acknowledged, unless ``accept`` is told another.
        authenticator_class: Decides who may connect.
        authenticator: Its instance for this connection.
        discriminator_field: The field that names a message.
        passthrough_events: Channel events that are sent to the client as they are.
        passthrough_method_prefix: What their generated methods' names begin with.
        channel_layer_alias: Which of the registered channel layers is used.
        handler_care: What a framework does before and after the consumer's code.

    The other attributes override :class:`~chanspec.runtime.settings.RuntimeSettings`, where they are described; None
    leaves a setting as it is.
    """

    __chanspec_serves__: ClassVar[bool] = True

    groups: Any = None
    extra_groups: Any = None
    subprotocols: Collection[str] = ()
    authenticator_class: type[BaseAuthenticator] | None = None
    authenticator: Any = None
    discriminator_field: str = "action"
    passthrough_events: Any = ()  # a narrower type would contradict that of a list in a mixin
    passthrough_method_prefix: str = "handle_passthrough_"
    channel_layer_alias: str = "default"
    handler_care: ClassVar[HandlerCare | None] = None

    send_completion: bool | None = None
    send_message_immediately: bool | None = None
    send_authentication_message: bool | None = None
    camelize: bool | None = None
    log_websocket_message: bool | None = None
    log_ignored_actions: Collection[str] | None = None
    log_undeclared_messages: bool | None = None
    max_frame_bytes: int | None = None
    max_depth: int | None = None
    max_waiting_frames: int | None = None
    max_waiting_events: int | None = None
    max_waiting_events_bytes: int | None = None
    max_messages_per_second: int | None = None
    max_concurrent: int | None = None
    max_outbox: int | None = None
    max_outbox_bytes: int | None = None
    max_process_outbox_bytes: None = None  # no class has one of its own
    full_outbox: str | None = None
    authentication_timeout: float | None = None
    close_timeout: float | None = None

    scope: MutableMapping[str, Any]
    _users_before: Any = None  # the scope's user when this consumer's was found or assigned
    _extra_groups: ClassVar[tuple[str, ...]] = ()
    _plans: ClassVar[dict[Any, Plan]] = {}
    _ends_with: ClassVar[type[Exception] | None] = None
    """What ``websocket_disconnect`` raises at its end, as that of the framework's own consumers does."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Give an instance its own lists of groups, before ``__init__``, which may change them."""
        instance = super().__new__(cls)
        groups = cls.groups
        if not declaring.is_late(groups):
            instance.groups = groups.copy() if hasattr(groups, "copy") else groups or []
        instance.extra_groups = list(cls._extra_groups)
        return instance

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if args and isinstance(args[0], Mapping) and "type" in args[0]:
            name = type(self).__qualname__
            raise TypeError(f"{name} was called with a connection's scope; route {name}.as_asgi(), not {name}")

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._plans = {}
        cls._extra_groups = declaring.merged_groups(cls)
        declaring.check_hooks(cls, Consumer)
        declaring.add_passthrough_methods(cls)

    # As an ASGI application

    @classmethod
    def as_asgi(cls, **initkwargs: Any) -> Any:
        """Return an ASGI application that makes an instance for each connection.

        Args:
            initkwargs: Arguments of ``__init__``.
        """

        if cls.__call__ is Consumer.__call__:

            async def app(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
                # Not by way of `__call__`: each coroutine that is waited for in costs 0.1 µs for each message.
                await cls(**initkwargs)._connected(scope, receive, send).run()

        else:

            async def app(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
                await cls(**initkwargs)(scope, receive, send)

        app.consumer_class = cls  # type: ignore[attr-defined]
        app.consumer_initkwargs = initkwargs  # type: ignore[attr-defined]
        functools.update_wrapper(app, cls, updated=())
        return app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve a connection."""
        await self._connected(scope, receive, send).run()

    def _connected(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> Connection:
        """Take a connection, which is yet to be served."""
        if scope["type"] != "websocket":
            raise ValueError(f"{type(self).__qualname__} serves WebSocket connections, not {scope['type']!r}")
        self._complete(scope)
        self.scope = scope
        if (witness := witness_of(scope)) is not None:
            witness.serves(type(self), answers=True)
        self._users_before = scope.get("user")
        watch: Watch | None = scope.get(WATCH)
        plan = declaring.plan_of(type(self), Consumer, None if watch is None else watch.settings)
        self._connection = Connection(plan, self, scope, receive, send)
        if watch is not None:
            watch.connection = self._connection
        return self._connection

    def _complete(self, scope: MutableMapping[str, Any]) -> None:
        """Add to a scope what consumers find on every framework."""

    @classmethod
    def runtime_settings(cls) -> RuntimeSettings:
        """The settings that the class's own attributes go before; a framework returns those of its project."""
        return DEFAULTS

    @classmethod
    def get_channel_layer(cls) -> Any:
        """The channel layer, or None where there is none; a framework returns its own."""
        return get_layer(cls.channel_layer_alias)

    # What belongs to the connection. What is assigned is kept under the same name in the instance's dict, because that
    # is where mock.patch.object looks for what it is to restore.

    if not TYPE_CHECKING:  # for type checkers it is the attribute that it is in `Sending`

        @functools.cached_property
        def _connection(self) -> Connection:
            return detached(declaring.plan_of(type(self), Consumer), self)

    @property
    def user(self) -> Any:
        """Whoever was set last: by the authenticator, by assigning to this, or as ``scope["user"]``, where
        ``channels.auth.login`` and ``logout`` set it. Without any of these it is ``scope["user"]``.
        """
        current = self._scopes_user()
        if current is self._users_before:
            if "user" in self.__dict__:
                return self.__dict__["user"]
            found = getattr(self.authenticator, "user", None)
            return current if found is None else found
        return current

    @user.setter
    def user(self, user: Any) -> None:
        self.__dict__["user"] = user
        self._users_before = self._scopes_user()

    @user.deleter
    def user(self) -> None:
        self.__dict__.pop("user", None)

    def _scopes_user(self) -> Any:
        return self.scope.get("user") if "scope" in self.__dict__ else None

    def _authenticated(self) -> None:
        """Let the authenticator's user, from now on, be the one that was set last."""
        self._users_before = self._scopes_user()
        if getattr(self.authenticator, "user", None) is not None:
            self.__dict__.pop("user", None)

    @property
    def channel_name(self) -> str:
        """What the channel layer calls this connection."""
        name: str | None = self.__dict__.get("channel_name")
        return self._connection.channel_name if name is None else name

    @channel_name.setter
    def channel_name(self, name: str) -> None:
        self.__dict__["channel_name"] = name

    @channel_name.deleter
    def channel_name(self) -> None:
        self.__dict__.pop("channel_name", None)

    @property
    def channel_layer(self) -> Any:
        """The channel layer. Groups that are joined through it with ``channel_name`` are left on disconnect."""
        if "channel_layer" not in self.__dict__:
            hub = self._connection.hub
            if hub is None:
                return None
            self.__dict__["channel_layer"] = hub.proxy(self._connection)
        return self.__dict__["channel_layer"]

    @channel_layer.setter
    def channel_layer(self, layer: Any) -> None:
        self.__dict__["channel_layer"] = layer

    @channel_layer.deleter
    def channel_layer(self) -> None:
        self.__dict__.pop("channel_layer", None)

    # Hooks: the connection

    async def websocket_connect(self, message: Mapping[str, Any]) -> None:
        """Join the class's groups and call ``connect``. The client is authenticated already.

        Where ``connect`` raises Channels' ``AcceptConnection`` or ``DenyConnection``, call ``accept`` or ``close``.

        Args:
            message: The ASGI message ``websocket.connect``.

        Raises:
            RuntimeError: The class has groups, and there is no channel layer.
            TypeError: ``groups`` or ``extra_groups`` is no list of strings.
        """
        where = f"{type(self).__module__}:{type(self).__qualname__}"
        groups = [
            *declaring.checked_names(self.groups, f"{where}.groups"),
            *declaring.checked_names(self.extra_groups, f"{where}.extra_groups"),
        ]
        layer = self.channel_layer
        if groups and layer is None:
            raise RuntimeError(
                f"{where} has groups, but there is no channel layer {self.channel_layer_alias!r}; configure one"
            )
        for group in groups:
            await layer.group_add(group, self.channel_name)
        try:
            await self.connect()
        except Exception as error:
            if accepts(error):
                await self.accept()
            elif denies(error):
                await self.close()
            else:
                raise

    async def connect(self) -> None:
        """Accept the connection; override to choose a subprotocol, or to ``close`` instead."""
        await self.accept()

    async def post_authentication(self) -> None:
        """Called when the client is accepted and authenticated: join groups, load state, say hello."""

    async def accept(
        self, subprotocol: str | None = None, headers: Iterable[tuple[bytes, bytes]] | None = None
    ) -> None:
        """Accept the connection.

        Args:
            subprotocol: One of ``scope["subprotocols"]`` (RFC 6455, 1.9); by default the first of the class's
                ``subprotocols`` that the client offers.
            headers: Further headers of the response.
        """
        if subprotocol is None:
            subprotocol = self._connection.choose()
        if self._connection.may_accept(subprotocol):
            await self.base_send(accept_frame(subprotocol, headers))

    async def close(self, code: int | bool | None = None, reason: str | None = None) -> None:
        """Close the connection (RFC 6455, 7.4), or refuse it where it was not accepted.

        Args:
            code: 1000 by default; applications use 4000 to 4999.
            reason: At most 123 bytes.
        """
        await self.base_send(close_frame(None if code is None or code is True else int(code), reason))

    async def websocket_disconnect(self, message: Mapping[str, Any]) -> None:
        """Call ``disconnect``. All groups are left already, and no handler runs any more.

        Args:
            message: The ASGI message ``websocket.disconnect``.
        """
        await self.disconnect(message["code"])
        if self._ends_with is not None:
            raise self._ends_with

    async def disconnect(self, code: int) -> None:
        """Called once when the connection has ended, by whichever side.

        It follows ``post_authentication``, or a ``connect`` of the application's own: a connection that ended before
        either was called has no ``disconnect``. Where the client leaves during one of them, that one is cancelled at
        its next ``await``, and ``disconnect`` is called: do not rely on what the rest would have set.

        Args:
            code: Why (RFC 6455, 7.4); 1006 where the client just went away.
        """

    async def dispatch(self, message: Mapping[str, Any]) -> None:
        """Call the method that a message's ``type`` names: ``websocket.receive``, ``chat.message``."""
        if "type" not in message:
            raise ValueError("the message has no type")
        name = str(message["type"]).replace(".", "_")
        method = None if name.startswith("_") else getattr(self, name, None)
        if method is None:
            raise ValueError(f"no handler for message type {log.shown(message['type'], 100)}")
        await method(message)

    # Hooks: receiving

    async def websocket_receive(self, message: Mapping[str, Any]) -> None:
        """Take a frame. Called, like those that follow, only where one of them is overridden, or for binary frames.

        Args:
            message: The ASGI message ``websocket.receive``.
        """
        if message.get("text") is not None:
            await self.receive(text_data=message["text"])
        else:
            await self.receive(bytes_data=message.get("bytes"))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any) -> None:
        """Take the text or the bytes of a frame; bytes are answered with an error.

        Args:
            text_data: The text of a frame of text.
            bytes_data: The bytes of a binary frame.
            kwargs: Handed on to ``receive_json``.
        """
        if text_data is None:
            await self._connection.refuse(FrameError("binary_frame", "Binary frames are not understood, send text"))
        elif not (
            declaring.overrides(type(self), Consumer, "decode_json", "receive_json")
            or "decode_json" in self.__dict__
            or "receive_json" in self.__dict__
        ):
            await self._connection.handle_text(text_data)
        else:
            try:
                check_frame(text_data, self._connection.plan)
                content = await self.decode_json(text_data)
            except FrameError as error:
                await self._connection.refuse(error)
            except (ValueError, RecursionError):
                await self.handle_json_processing_error(FrameError("json_invalid", "Invalid JSON"))
            else:
                await self.receive_json(content, **kwargs)

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        """Take the content of a frame, and hand it to the handler of its message.

        Args:
            content: What the frame's JSON says, as it is on the wire.
            kwargs: What an override of ``receive`` hands on; not used here.
        """
        try:
            # What is not finite is refused where it is read.
            text = to_json(content, inf_nan_mode="constants").decode()
        except ValueError:
            if not _is_json(content):
                raise
            # Half a character, or nested too deep: some parsers take that.
            await self.handle_json_processing_error(FrameError("json_invalid", "Invalid JSON"))
        else:
            await self._connection.handle_text(text)

    @classmethod
    async def decode_json(cls, text_data: str) -> Any:
        """Read JSON for ``receive_json``.

        Args:
            text_data: The text of a frame.

        Raises:
            ValueError: It is no JSON (RFC 8259).
        """
        return from_json(text_data, allow_inf_nan=False)

    # Hooks: errors

    async def handle_validation_error(self, error: ValidationError) -> None:
        """Answer a message that is not valid, is unknown, or is no JSON object.

        Args:
            error: Pydantic's, whose ``errors()`` say what is wrong.
        """
        await self.send_message(ErrorMessage(payload=self._connection.plan.codec.errors(error)))

    async def handle_json_processing_error(self, error: FrameError) -> None:
        """Answer a frame that is no message: binary, or nested too deep.

        Args:
            error: Its ``errors()`` have the form of pydantic's.
        """
        await self.send_message(ErrorMessage(payload=error.errors()))

    async def handle_message_handler_error(self, error: Exception, action: str, message: BaseModel | None) -> None:
        """Log a handler of a client's message that failed, and tell the client that it did, but not why.

        Args:
            error: What it raised.
            action: The value of the message's discriminator.
            message: The message; None where a hook failed before there was one.
        """
        self._log_failure(action, error)
        await self.send_message(ErrorMessage(payload={"detail": FAILED}))

    async def handle_event_handler_error(self, error: Exception, action: str, event: Any) -> None:
        """Log a handler of a channel event that failed. The client did not ask for anything, so it is not told.

        Args:
            error: What it raised, or what is wrong with the event.
            action: The value of the event's discriminator.
            event: The event, or the dict that is none.
        """
        self._log_failure(action, error)

    def _log_failure(self, action: str, error: Exception) -> None:
        fields = {**self._connection.log_fields(), "action": action}
        log.logger.error("%s failed to handle %s", fields["consumer"], action, exc_info=error, extra=fields)

    # Hooks: sending

    async def send_message(self, message: BaseModel) -> None:
        """Send a message to this connection's client, and wait while it is slow to take it.

        Raises:
            ConnectionError: The client is gone.
        """
        messages = kept.get()
        if messages is None:
            await self._connection.write(message)
        else:
            messages.append(message)

    async def send_json(self, content: Any, close: bool | int = False) -> None:
        """Send JSON of any shape; the names in it are sent as they are.

        Args:
            content: What ``encode_json`` takes.
            close: True, or a close code, to close afterwards.

        Raises:
            ConnectionError: The client is gone.
        """
        messages = kept.get()
        if messages is not None and not close:
            messages.append(content)
            return
        text = await self.encode_json(content)
        self._connection.log_sent(content, text)
        await self.send(text_data=text, close=close)

    @classmethod
    async def encode_json(cls, content: Any) -> str:
        """Write JSON for ``send_json``.

        Args:
            content: What ``json.dumps`` takes, unless this is overridden.

        Raises:
            ValueError: It holds a number that is not finite, such as NaN: JSON has none.
        """
        return json.dumps(content, allow_nan=False)

    async def send(
        self, text_data: str | None = None, bytes_data: bytes | None = None, close: bool | int = False
    ) -> None:
        """Send a frame of text or bytes.

        Args:
            text_data: Sent if it is not None, else ``bytes_data`` is.
            bytes_data: As above.
            close: True, or a close code, to close afterwards.
        """
        if text_data is not None:
            await self.base_send({"type": "websocket.send", "text": text_data})
        elif bytes_data is not None:
            await self.base_send({"type": "websocket.send", "bytes": bytes_data})
        else:
            raise ValueError("send() takes text_data or bytes_data")
        if close:
            await self.close(close)

    async def base_send(self, message: Frame) -> None:
        """Send an ASGI message of any type. All that the consumer sends passes here, its accept and close included.

        Args:
            message: ``{"type": "websocket.send", "text": …}``.
        """
        await self._connection.send(message)


def _is_json(content: Any) -> bool:
    """Whether a value is what Python's own parser makes of a text, and so a client may be to blame for it.

    That may have been told to make something else of numbers, such as ``Decimal``.
    """
    try:
        json.dumps(content, default=to_jsonable_python)
    except RecursionError:
        return True
    except (TypeError, ValueError):
        return False
    return True
