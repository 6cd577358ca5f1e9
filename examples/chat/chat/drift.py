"""A server that does not keep its contract, on purpose: it shows how the docs page flags a wrong message.

Only with ``DEMO_DRIFT=1`` in the environment, as in ``DEMO_DRIFT=1 make demo-chat``, does ``app.py`` take the consumer
of this module. It is no example of how to write one.
"""

from __future__ import annotations

from typing import Literal

from chanspec.decorators import channel, ws_handler
from chanspec.messages import BaseMessage
from chat import consumers


class DemoDriftMessage(BaseMessage):
    action: Literal["demo_drift"] = "demo_drift"
    payload: None = None


@channel(name="room", tags=["chat"])
class RoomConsumer(consumers.RoomConsumer):
    """A room where people talk, and one action that is answered against the contract."""

    @ws_handler(
        summary="Be sent a wrong message, to see it flagged",
        description=(
            "For demonstration only. The server answers with a `posted` that is not as documented: its `id` is text,"
            " and `text` is missing. **Try it out** marks the message in its log, with the places and the reasons, and"
            " counts it. That is how you notice a server that has drifted from its document."
        ),
    )
    async def handle_demo_drift(self, message: DemoDriftMessage) -> None:
        # Past the message classes, which would not let it out.
        post = {"id": "seven", "name": "Nobody", "at": "2026-01-01T12:00:00Z"}
        await self.send_json({"action": "posted", "payload": post})
