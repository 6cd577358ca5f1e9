"""Keeps a hub's memberships on the layer: joins, leaves, refreshes them, and joins again after an outage.

It delivers nothing; it only sees to it that the layer would.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from chanspec.runtime.envelopes import BEAT, Message
from chanspec.runtime.layers import is_mistake
from chanspec.runtime.subscription import Subscription
from chanspec.runtime.tasks import end

if TYPE_CHECKING:
    from chanspec.runtime.hub import Hub

logger = logging.getLogger("chanspec.layer")

LEAVING_AT_ONCE = 8  # of max_calls, so that a burst of leaves never holds up a broadcast


class Membership:
    """The memberships of one hub, and the two tasks that look after them while there are any.

    Attributes:
        channels: The hub's group channels.
        lost: Whether the layer is known not to deliver.
    """

    def __init__(self, hub: Hub) -> None:
        self.channels: dict[str, Subscription] = {}
        self.lost = False
        self._hub = hub
        self._due: dict[Subscription, None] = {}
        self._due_names: dict[str, None] = {}
        self._leaver: asyncio.Task[None] | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._alarm = asyncio.Event()
        self._beaten: asyncio.Event = asyncio.Event()
        self._beat = 0
        self._pulse: Subscription | None = None  # the hub's own group, whose only use is to hear itself

    # Joining

    async def join(self, subscription: Subscription) -> None:
        """Return when the layer has taken the membership, or could not be reached."""
        try:
            async with asyncio.timeout(self._hub.settings.call_timeout), subscription.lock:
                if self._keeper is None and not self._hub.reception.in_process:
                    await self._join_pulse()
                if not subscription.live and subscription.members:
                    await self._ask(subscription)
        except Exception as error:
            if is_mistake(error):
                raise
            logger.warning(
                "the channel layer cannot be reached: group %s is joined when it is back (%s: %s)",
                subscription.group,
                type(error).__name__,
                error,
                extra={"group": subscription.group},
            )
            self.look(error)
        self._keep()

    async def _ask(self, subscription: Subscription) -> None:
        """Join on the layer, or refresh the membership. The subscription's lock is held."""
        reception = self._hub.reception
        if subscription.channel is None:
            name = await self._hub.call(reception.new_name)
            subscription.channel = name
            self.channels[name] = subscription
        await self._hub.call(reception.open, subscription.channel)
        try:
            await self._hub.call(reception.group_add, subscription.group, subscription.channel)
        except Exception as error:
            subscription.refused = is_mistake(error) and not subscription.live
            raise
        subscription.live = True

    # Leaving

    async def leave(self, emptied: Iterable[Subscription], name: str | None = None) -> None:
        """Leave groups without members, and close a connection's own channel; in the background after a while."""
        loop = asyncio.get_running_loop()
        awaited = []
        for subscription in emptied:
            if subscription.gone is None or subscription.gone.done():
                subscription.gone = loop.create_future()
            self._due[subscription] = None
            awaited.append(subscription.gone)
        if name is not None and not self._hub.reception.names_are_free:
            self._due_names[name] = None
        elif name is not None:
            await self._hub.reception.close(name)
        if (self._due or self._due_names) and self._leaver is None:
            self._leaver = loop.create_task(self._leave_all(), name="chanspec: leaving groups")
        if self._leaver is not None and not self.lost and (awaited or name is not None):
            # wait() cancels nothing: a connection that is cancelled here still leaves its groups.
            await asyncio.wait(awaited or [self._leaver], timeout=self._hub.settings.leave_wait)

    async def _leave_all(self) -> None:
        """Leave what is due, a few at a time, until it is done or ``leave_retry`` is over.

        One task for all: a burst of leaves takes as many of the layer's sockets as a single one.
        """
        settings = self._hub.settings
        loop = asyncio.get_running_loop()
        give_up = loop.time() + settings.leave_retry
        pause = settings.first_pause
        try:
            while self._due or self._due_names:
                batch: list[Subscription | str] = [
                    *list(self._due)[:LEAVING_AT_ONCE],
                    *list(self._due_names)[:LEAVING_AT_ONCE],
                ]
                for each in batch:
                    self._take(each)
                done = await asyncio.gather(*(self._leave_one(each, loop.time() >= give_up) for each in batch))
                for each, ended in zip(batch, done, strict=True):
                    self._settle(each, ended)
                if all(done):
                    pause = settings.first_pause
                    continue
                await asyncio.sleep(pause)
                pause = min(pause * 2, 1.0)
        finally:
            self._leaver = None

    async def _leave_one(self, due: Subscription | str, give_up: bool) -> bool:
        """Try once; returns whether it is done with."""
        try:
            if isinstance(due, str):
                await self._hub.call(self._hub.reception.close, due)
            else:
                await self._discard(due)
        except Exception as error:
            if not give_up and not is_mistake(error):
                self.look(error)
                return False
            logger.warning("a channel or group is not left on the channel layer, it expires there: %s", error)
            if isinstance(due, Subscription):
                self._forget(due)
        return True

    def _take(self, due: Subscription | str) -> None:
        # Before the calls: a group that is joined and left again during them is due again, and left again.
        if isinstance(due, str):
            self._due_names.pop(due, None)
        else:
            self._due.pop(due, None)

    def _settle(self, due: Subscription | str, ended: bool) -> None:
        # After the calls, so that with the last one this task ends in the same step as its waiters are told.
        if isinstance(due, str):
            if not ended:
                self._due_names[due] = None
        elif not ended:
            self._due[due] = None
        elif due not in self._due and due.gone is not None and not due.gone.done():
            due.gone.set_result(None)

    async def _discard(self, subscription: Subscription) -> None:
        async with subscription.lock:
            if subscription.members:
                return  # somebody joined meanwhile
            subscription.live = False
            if subscription.channel is not None:
                if not subscription.refused:  # then there is nothing to leave, and the layer would refuse that too
                    await self._hub.call(self._hub.reception.group_discard, subscription.group, subscription.channel)
                if not subscription.members:
                    await self._hub.call(self._hub.reception.close, subscription.channel)
            if not subscription.members:
                self._forget(subscription)
        if not self._hub.subscriptions:
            await self._rest()

    def _forget(self, subscription: Subscription) -> None:
        if subscription.channel is not None:
            self.channels.pop(subscription.channel, None)
            subscription.channel = None
        if self._hub.subscriptions.get(subscription.group) is subscription:
            del self._hub.subscriptions[subscription.group]

    # Keeping

    def look(self, error: BaseException) -> None:
        """Something failed at the layer: see now, rather than at the next beat, whether it delivers."""
        if self._keeper is not None and not self.lost:
            logger.info("the channel layer failed: %s: %s", type(error).__name__, error)
        self._alarm.set()

    def heard_beat(self, message: Message) -> None:
        if message.get("beat") == self._beat:
            self._beaten.set()

    def _keep(self) -> None:
        if self._keeper is None and self._hub.subscriptions:
            self._keeper = asyncio.get_running_loop().create_task(self._keep_all(), name="chanspec: keeping groups")

    async def _rest(self) -> None:
        """No group is served: leave nothing behind, the task and the hub's own group included."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            await end(keeper)
        self.lost = False
        self._alarm.clear()
        pulse = self._pulse
        if pulse is not None:
            async with pulse.lock:
                if pulse.channel is not None and not self._hub.subscriptions:
                    pulse.live = False
                    await self._hub.call(self._hub.reception.group_discard, pulse.group, pulse.channel)
                    await self._hub.call(self._hub.reception.close, pulse.channel)
                    self._forget(pulse)
        await self._tidy()
        self._keep()  # a group may have been joined while this waited

    async def _keep_all(self) -> None:
        settings = self._hub.settings
        loop = asyncio.get_running_loop()
        every = float(getattr(self._hub.layer, "group_expiry", 86_400)) / 3  # "well before half of it"
        refresh_at = loop.time() + every
        while True:
            until = refresh_at - loop.time()
            wait = until if self._hub.reception.in_process else min(settings.beat, until)
            await self._alarmed(max(wait, 0.0))
            if not self._hub.reception.in_process and not await self._delivers():
                await self._recover()
                refresh_at = loop.time() + every
            if loop.time() >= refresh_at:
                await self._join_again()
                refresh_at = loop.time() + every

    async def _alarmed(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._alarm.wait()
        except TimeoutError:
            pass
        self._alarm.clear()

    async def _delivers(self) -> bool:
        """Send a message to the hub's own group and see whether it comes.

        The only sign that holds for every layer and every outage: a Redis that came back empty answers all commands,
        and client libraries reconnect without a word.
        """
        self._beat += 1
        self._beaten.clear()
        try:
            async with asyncio.timeout(self._hub.settings.beat_timeout):
                pulse = await self._join_pulse()
                await self._hub.call(self._hub.layer.group_send, pulse.group, {"type": BEAT, "beat": self._beat})
                await self._beaten.wait()
        except Exception:
            return False
        return True

    async def _join_pulse(self) -> Subscription:
        """Join the hub's own group, before the first other one: whatever loses that one loses this one too."""
        if self._pulse is None:
            self._pulse = Subscription(f"{self._hub.prefix}.pulse", self._hub.id)
        async with self._pulse.lock:
            if not self._pulse.live:
                await self._ask(self._pulse)
        return self._pulse

    async def _recover(self) -> None:
        """Try until the layer delivers again, then join every group again."""
        settings = self._hub.settings
        pause = settings.first_pause
        self.lost = True
        logger.warning("the channel layer does not deliver; joining %d group(s) again", len(self._hub.subscriptions))
        while True:
            if self._pulse is not None:
                self._pulse.live = False
            if await self._delivers() and await self._join_again():
                break
            await asyncio.sleep(pause)
            pause = min(pause * 2, settings.longest_pause)
        self.lost = False
        self._alarm.clear()
        logger.warning("the channel layer delivers again")

    async def _join_again(self) -> bool:
        """Renew every membership; returns whether all could be."""
        served = list(self._hub.subscriptions.values())
        if self._pulse is not None:
            served.append(self._pulse)
        reached = asyncio.Event()
        reached.set()
        await asyncio.gather(*(self._renew(each, reached) for each in served))
        if reached.is_set():
            await self._tidy()
        return reached.is_set()

    async def _tidy(self) -> None:
        with contextlib.suppress(Exception):  # costs the layer something, nobody a message; it is tried again
            await self._hub.call(self._hub.reception.tidy)

    async def _renew(self, subscription: Subscription, reached: asyncio.Event) -> None:
        """Renew one membership, unless another one has shown that the layer is not reached."""
        try:
            async with subscription.lock:
                if reached.is_set() and (subscription.members or subscription is self._pulse):
                    await self._ask(subscription)
        except Exception as error:
            if not is_mistake(error):
                reached.clear()
            else:
                logger.warning("group %s cannot be joined again: %s", subscription.group, error)
