"""From the text of a frame to its handler, and from what that returns to the client.

The part of a connection that knows nothing of receiving, waiting and ending, which are the loop's
(:mod:`chanspec.runtime.connection`).
"""

from __future__ import annotations

import asyncio
import contextvars
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Mapping, MutableMapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from chanspec.messages import CompleteMessage
from chanspec.runtime import log
from chanspec.runtime.channels_exceptions import stops
from chanspec.runtime.codec import TOO_LONG, FrameError, blames_client, check_limits
from chanspec.runtime.outbox import Disconnected, Outbox
from chanspec.runtime.plan import Plan, Route
from chanspec.runtime.witness import witness_of

if TYPE_CHECKING:
    from chanspec.runtime.consumer import Consumer

Result = TypeVar("Result")

kept: contextvars.ContextVar[list[BaseModel | dict[str, Any]] | None] = contextvars.ContextVar("kept", default=None)
"""The messages of the handler that runs in this context, until it ends; without ``send_message_immediately``."""

TOO_LARGE = 1009  # RFC 6455, 7.4.1


class Answering(ABC):
    """Runs handlers of one consumer and writes to its client.

    Attributes:
        scope: The ASGI scope.
        direct: Whether a reply goes straight from model to outbox: no hook is overridden and nothing logged.
        logs: Whether messages are logged. It is asked once: the answer is not worth a call for every message.
        dispatches, reads_through_hooks, writes_through_hooks: The plan's, unless hooks were assigned to the instance.
    """

    __slots__ = (
        "channel_name",
        "consumer",
        "direct",
        "dispatches",
        "logs",
        "outbox",
        "plan",
        "reads_through_hooks",
        "scope",
        "writes_through_hooks",
    )

    def __init__(self, plan: Plan, consumer: Consumer[Any], scope: MutableMapping[str, Any], outbox: Outbox) -> None:
        self.plan = plan
        self.consumer = consumer
        self.scope = scope
        self.outbox = outbox
        self.channel_name = ""
        self.logs = plan.settings.log_websocket_message and log.logger.isEnabledFor(log.INFO)
        self.direct = plan.is_direct and not self.logs
        self.dispatches = plan.dispatches
        self.reads_through_hooks = plan.reads_through_hooks
        self.writes_through_hooks = plan.writes_through_hooks

    @abstractmethod
    async def overlap(self, route: Route, message: BaseModel) -> None:
        """Answer a message in a task of its own."""

    @abstractmethod
    def end_with(self, code: int, reason: str | None = None) -> None:
        """Close the connection."""

    def handle_text(self, text: str) -> Coroutine[Any, Any, None]:
        """Decode a frame, and return what has its message handled, or answers a frame that is no message.

        It is no coroutine itself: that would be one more to go through for each message, and each time it goes on.
        """
        plan = self.plan
        try:
            if len(text) > plan.shallow:
                check_frame(text, plan)
            try:
                message = plan.codec.read(text)
            except Exception as error:
                message = plan.codec.explain(text, error)
        except Exception as error:
            return self._answer_mistake(error)
        route = plan.routes.get(type(message)) or plan.route_by_value(message)
        if self.logs:
            self.log("received", route.value, text)
        return self.overlap(route, message) if route.concurrent else self.answer(route, message)

    async def _answer_mistake(self, mistake: Exception) -> None:
        try:
            raise mistake  # again: hooks may look at the exception that is being handled
        except ValidationError as error:
            self._tell_witness(error)
            await self.hook(self.consumer.handle_validation_error, error)
        except FrameError as error:
            await self.refuse(error)
        except Exception as error:  # by a validator of the application's
            await self.hook(self.consumer.handle_message_handler_error, error, "websocket.receive", None)
        finally:
            del mistake  # whose traceback has this frame: only the garbage collector would end that
        if self.plan.settings.send_completion:
            await self.write(CompleteMessage())

    async def refuse(self, error: FrameError) -> None:
        """Answer a frame that is no message, or close a connection that sent too much."""
        self._tell_witness(error)
        if error.kind == TOO_LONG:
            self.end_with(TOO_LARGE, str(error))
        else:
            await self.hook(self.consumer.handle_json_processing_error, error)

    def _tell_witness(self, error: ValidationError | FrameError) -> None:
        if (witness := witness_of(self.scope)) is None:
            return
        if isinstance(error, FrameError):
            witness.refused(error.errors())
        else:
            witness.refused(self.plan.codec.errors(error), self.plan.codec.named(error))

    async def answer(self, route: Route, message: BaseModel) -> None:
        """Run the handler of a message and send what it returns. Raises nothing but ``Disconnected``."""
        plan = self.plan
        try:
            if self.direct and not route.is_stream:
                care = plan.care
                # Nearly all messages: what `run_handler` does, with four coroutines fewer to go through.
                if care is not None and (work := care.before()) is not None:
                    await work
                try:
                    reply = await route.call(self.consumer, message)
                    write = plan.codec.encoders.get(type(reply))
                    if write is not None:  # `reply` below, for a class that was sent before: saves 0.4 µs
                        text = write(reply, by_alias=True).decode()
                        await self.outbox.send({"type": "websocket.send", "text": text})
                    elif reply is not None:
                        await self.reply(reply)
                finally:
                    if care is not None and (work := care.after()) is not None:
                        await work
                return
            await self.run_handler(route, message)
        except Disconnected:
            raise
        except (Exception, asyncio.CancelledError) as error:
            await self.hook(self.consumer.handle_message_handler_error, failure(error), route.value, message)
        if plan.settings.send_completion:
            await self.write(CompleteMessage())

    async def handle_by_hooks(self, frame: Mapping[str, Any]) -> None:
        """Take the way of Channels' consumers: dispatch, websocket_receive, receive, decode_json, receive_json."""
        consumer, plan, text = self.consumer, self.plan, frame.get("text")
        try:
            if text is not None and len(text) > plan.shallow:
                check_frame(text, plan)
            await self.cared(consumer.dispatch if self.dispatches else consumer.websocket_receive, frame)
        except Disconnected:
            raise
        except FrameError as error:
            await self.refuse(error)
        except Exception as error:
            if stops(error):
                raise
            if text is not None and blames_client(error, text):
                await self.refuse(FrameError("json_invalid", "Invalid JSON"))
            else:
                await self.hook(consumer.handle_message_handler_error, error, str(frame["type"]), None)

    async def run_handler(self, route: Route, message: BaseModel) -> None:
        """Run a handler with all that may belong to it.

        Raises:
            Exception: What the handler raises.
        """
        if self.plan.settings.send_message_immediately:
            await self.cared(self._run, route, message)
            return
        messages: list[BaseModel | dict[str, Any]] = []
        token = kept.set(messages)
        failure: Exception | None = None
        try:
            await self.cared(self._run, route, message)
        except Exception as error:
            failure = error  # what it had sent before goes out all the same
        finally:
            kept.reset(token)
        for each in messages:
            await (self.consumer.send_json(each) if isinstance(each, dict) else self.consumer.send_message(each))
        if failure is not None:
            raise failure

    async def _run(self, route: Route, message: BaseModel) -> None:
        if route.is_stream:
            # A generator that is left half-way is closed at once, not when it is collected.
            async with aclosing(route.call(self.consumer, message)) as replies:
                async for reply in replies:
                    await self.reply(reply)
        else:
            await self.reply(await route.call(self.consumer, message))

    async def reply(self, reply: Any) -> None:
        """Send what a handler returned: a message, several in a list or tuple, or None."""
        if reply is None:
            return
        if isinstance(reply, list | tuple):
            for each in reply:
                await self.reply(each)
        elif self.direct:
            await self.outbox.send({"type": "websocket.send", "text": self.plan.codec.encode(reply)})
        else:
            await self.consumer.send_message(reply)

    async def write(self, message: BaseModel) -> None:
        """Send a message now, by the shortest way the consumer's hooks allow."""
        text = self.plan.codec.encode(message)
        if self.writes_through_hooks:
            await self.consumer.send_json(from_json(text))
            return
        if self.logs:
            self.log("sent", self.plan.codec.names.get(type(message), ""), text)
        await self.outbox.send({"type": "websocket.send", "text": text})

    async def hook(self, hook: Callable[..., Awaitable[None]], *arguments: Any) -> None:
        """Call a hook that is not worth a connection: if it fails, that is logged."""
        try:
            await self.cared(hook, *arguments)
        except Disconnected:
            raise
        except Exception as error:
            if stops(error):
                raise
            name = getattr(hook, "__name__", hook)
            log.logger.error("%s.%s failed", self.plan.where, name, exc_info=error, extra=self.log_fields())

    async def cared(self, work: Callable[..., Awaitable[Result]], *arguments: Any) -> Result:
        """Run code of the consumer's, with what the framework does before and after it."""
        care = self.plan.care
        if care is None:
            return await work(*arguments)
        if (due := care.before()) is not None:
            await due
        try:
            return await work(*arguments)
        finally:
            if (due := care.after()) is not None:
                await due

    def log(self, direction: str, action: str, text: str) -> None:
        """Log a message, unless the settings ignore it."""
        if action not in self.plan.settings.log_ignored_actions:
            log.message(direction, action, text, self.log_fields())

    def log_sent(self, content: Any, text: str) -> None:
        """Log what ``send_json`` sends, by the name it has in the discriminator's field."""
        if self.plan.undeclared is not None:
            self.plan.undeclared.sent(content)
        if self.logs:
            name = content.get(self.plan.codec.wire_discriminator) if isinstance(content, dict) else None
            self.log("sent", name if isinstance(name, str) else "", text)

    def log_error(self, what: str, error: BaseException) -> None:
        """Log an error that is nobody's answer, with its traceback."""
        log.logger.error("%s %s", self.plan.where, what, exc_info=error, extra=self.log_fields())

    def log_fields(self) -> dict[str, Any]:
        """The structured fields that every line about this connection has."""
        return {"consumer": self.plan.where, "channel_name": self.channel_name}


def check_frame(text: str, plan: Plan) -> None:
    """Refuse a text frame that is too long or nested too deep.

    Raises:
        FrameError: It is.
    """
    check_limits(text, plan.settings.max_frame_bytes, plan.settings.max_depth)


def failure(error: Exception | asyncio.CancelledError) -> Exception:
    """What a handler failed of. One that awaits something that others cancelled is not cancelled itself.

    Raises:
        asyncio.CancelledError: The handler's own task was cancelled.
        Exception: The handler did not fail, but wants the consumer to stop.
    """
    if isinstance(error, Exception):
        if stops(error):
            raise error
        return error
    task = asyncio.current_task()
    if task is None or task.cancelling():
        raise error
    found = RuntimeError("something that was awaited had been cancelled")
    found.__cause__ = error
    return found
