"""``ContractDispatchMixin``: routing and validation from the annotations of plain Channels consumers.

It is a step between a consumer that is only described and a typed one: the decorators stay as they are, the routing
and parsing by hand goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from channels.consumer import SyncConsumer
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer, JsonWebsocketConsumer

from chanspec.channels.conf import settings
from chanspec.channels.serializers.reading import serializer_reader
from chanspec.contract import contract_of
from chanspec.contract.builtin import ERROR_PAYLOAD
from chanspec.contract.fields import Fields
from chanspec.decorators import document_event
from chanspec.enforcement.dispatching import Route, routes_of
from chanspec.enforcement.incoming import find_action
from chanspec.enforcement.mistakes import ORDINARY, Mistake, errors_of, mistake, mistake_in, of_error
from chanspec.enforcement.reading import Invalid
from chanspec.fail_fast import Size, size_of
from chanspec.runtime.answering import TOO_LARGE
from chanspec.runtime.codec import TOO_LONG, FrameError, check_limits
from chanspec.runtime.consumer import Consumer
from chanspec.runtime.witness import witness_of

__all__ = ["ContractDispatchMixin"]

_NO_JSON = mistake("json_invalid", "Invalid JSON")
_BINARY = mistake("binary_frame", "Binary frames are not understood, send text")


class ContractDispatchMixin:
    """Lets the decorated methods of a Channels consumer take their actions, parsed as they are declared.

    Put it before ``AsyncJsonWebsocketConsumer`` or ``JsonWebsocketConsumer`` and remove ``receive_json``. An action
    then reaches the method that ``@document_action`` decorates, which is given

    - an instance of the payload's class (dataclass, pydantic model, attrs, msgspec, …; a dict for a ``TypedDict``);
    - for a DRF serializer its ``validated_data``, or the valid serializer itself where the parameter is annotated with
      it. Its context has the ``consumer``. In async consumers it is validated in the thread of the database;
    - for a payload that is a JSON Schema, and for one of None, the dict of the message's other fields. A method
      without a payload need not take any.

    A message that is not valid, or no documented action, is answered by :meth:`answer_invalid`, and the connection
    stays. What a method raises is Channels' business, as ever.

    A longer frame than ``MAX_FRAME_BYTES`` of the project's settings closes the connection with code 1009, and one that
    is nested deeper than ``MAX_DEPTH`` is answered too; ``max_frame_bytes`` and ``max_depth`` of the class go before.

    The fields that name messages are ``action`` and ``type``, unless the class or the settings name others; they are
    read when the class is defined. Where ``action_field`` is None, the class has one action, which takes all messages.

    A method that cannot work is a ``TypeError`` when the class is defined.

    Example:
        >>> class RideConsumer(ContractDispatchMixin, AsyncJsonWebsocketConsumer):
        ...     @document_action(payload=CancelPayload)
        ...     async def handle_cancel(self, payload: CancelPayload): ...
    """

    answers_bad_frames: ClassVar[bool] = True
    _routes: ClassVar[Mapping[str, Route]] = {}
    _fields: ClassVar[Fields] = Fields()
    _is_closed = False  # frames that are behind the one that was too long come all the same
    _is_async: ClassVar[bool] = True
    max_frame_bytes: ClassVar[int | None] = None
    max_depth: ClassVar[int | None] = None
    _size = Size(ORDINARY + 1, 0)  # in the frame that is being handled

    scope: Any
    send_json: Any
    decode_json: Any
    close: Any

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        where = f"{cls.__module__}:{cls.__qualname__}"
        if issubclass(cls, Consumer):
            raise TypeError(f"{where} is a typed consumer, which routes by itself; leave ContractDispatchMixin out")
        if not issubclass(cls, AsyncJsonWebsocketConsumer | JsonWebsocketConsumer):
            return  # a mixin itself
        cls._is_async = not issubclass(cls, SyncConsumer)
        for name in ("receive", "receive_json"):
            _check_hook(cls, name, where)
        contract = contract_of(cls)
        cls._fields = Fields(contract.action_field, contract.event_field)
        cls._routes = routes_of(contract, is_async=cls._is_async, make_reader=serializer_reader)

    def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any) -> Any:
        """Take a frame. Awaitable in async consumers, as are all methods here.

        Args:
            text_data: The text of a frame of text.
            bytes_data: The bytes of a binary frame, which is answered with an error.
            kwargs: Handed on to ``receive_json``.
        """
        if self._is_async:
            return self._receive(text_data, **kwargs)
        if self._is_closed:
            return None
        if text_data is None:
            return self._refuse([_BINARY])
        if (refused := self._checked(text_data)) is not None:
            return self._answer(refused)
        try:
            content = self.decode_json(text_data)
        except (ValueError, RecursionError):
            return self._refuse([_NO_JSON])
        wrong = mistake_in(text_data)
        return self._refuse([wrong]) if wrong is not None else self.receive_json(content, **kwargs)

    async def _receive(self, text_data: str | None, **kwargs: Any) -> None:
        if self._is_closed:
            return
        if text_data is None:
            await self._refuse([_BINARY])
            return
        if (refused := self._checked(text_data)) is not None:
            await self._answer(refused)
            return
        try:
            content = await self.decode_json(text_data)
        except (ValueError, RecursionError):
            await self._refuse([_NO_JSON])
            return
        wrong = mistake_in(text_data)
        await (self._refuse([wrong]) if wrong is not None else self.receive_json(content, **kwargs))

    def _checked(self, text: str) -> Mistake | None:
        """What is wrong with a frame before it is read."""
        limits = self.max_frame_bytes, self.max_depth
        try:
            check_limits(
                text,
                settings.MAX_FRAME_BYTES if limits[0] is None else limits[0],
                settings.MAX_DEPTH if limits[1] is None else limits[1],
            )
        except FrameError as error:
            return of_error(error.errors()[0])
        self._size = size_of(text)
        return None

    def _answer(self, refused: Mistake) -> Any:
        """Answer a frame that is not read, or close a connection that sent too much, as typed consumers do."""
        if refused.kind != TOO_LONG:
            return self._refuse([refused])
        self._is_closed = True
        return self.close(TOO_LARGE)

    def receive_json(self, content: Any, **kwargs: Any) -> Any:
        """Take the content of a frame and hand it to the method of its action.

        Args:
            content: What the frame's JSON says.
            kwargs: Of Channels' method; not used.
        """
        found = find_action(content, self._routes, self._fields.action)
        if not isinstance(found, str):
            return self._refuse(found.mistakes, meant=found.meant)
        route = self._routes[found]
        return self._handle_async(route, content) if self._is_async else self._handle(route, content)

    def _handle(self, route: Route, content: Any) -> None:
        try:
            payload = route.reader.read(content, self._size, self)
        except Invalid as error:
            self._refuse(error.mistakes, route)
            return
        getattr(self, route.method)(*([payload] if route.takes_payload else []))

    async def _handle_async(self, route: Route, content: Any) -> None:
        read = route.reader.read
        try:
            if route.reader.blocks:
                payload = await database_sync_to_async(read)(content, self._size, self)
            else:
                payload = read(content, self._size, self)
        except Invalid as error:
            await self._refuse(error.mistakes, route)
            return
        await getattr(self, route.method)(*([payload] if route.takes_payload else []))

    def _refuse(self, mistakes: list[Mistake], route: Route | None = None, *, meant: str = "") -> Any:
        errors = errors_of(mistakes)
        if (witness := witness_of(self.scope)) is not None:
            witness.refused(errors, None if route is None else route.message.value, meant=meant)
        return self.answer_invalid(errors)

    @document_event(
        "error",
        summary="A message was refused",
        description="Sent instead of an action's answer. The connection stays open.",
        payload={"properties": {"payload": ERROR_PAYLOAD}, "required": ["payload"]},
    )
    def answer_invalid(self, errors: list[dict[str, Any]]) -> Any:
        """Answer a message that is not valid; awaitable in async consumers.

        Override it, with a ``@document_event`` of its own, to answer in another form.

        Args:
            errors: ``{"loc": [...], "msg": "...", "type": "..."}`` for at most 20 mistakes.
        """
        field = self._fields.event
        return self.send_json({**({} if field is None else {field: "error"}), "payload": errors})


def _check_hook(cls: type, name: str, where: str) -> None:
    """Refuse a method that keeps frames from the mixin's own."""
    for owner in cls.__mro__:
        if owner is ContractDispatchMixin:
            return
        function = vars(owner).get(name)
        if function is None or "super" in getattr(getattr(function, "__code__", None), "co_names", ()):
            continue
        if owner in (AsyncJsonWebsocketConsumer, JsonWebsocketConsumer):
            break
        raise TypeError(
            f"{owner.__module__}:{owner.__qualname__}.{name} takes messages by hand, so none would reach what "
            f"ContractDispatchMixin does; remove it, or let it call super().{name}()"
        )
    raise TypeError(f"{where} has ContractDispatchMixin behind the consumer; write it first among the base classes")
