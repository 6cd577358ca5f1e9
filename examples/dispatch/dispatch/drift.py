"""A server that does not keep its contract, on purpose: it shows how the docs page flags a wrong message.

Only with ``DEMO_DRIFT=1`` in the environment, as in ``DEMO_DRIFT=1 make demo``, do ``routing.py`` and
``config/urls.py`` take the consumer of this module. It is no example of how to write one.
"""

from __future__ import annotations

from typing import Any

from chanspec import document_action

from dispatch import consumers


class DispatchConsumer(consumers.DispatchConsumer):
    """Rides from request to arrival, and one action that is answered against the contract."""

    @document_action(
        action="demo_drift",
        summary="Be sent a wrong message, to see it flagged",
        description=(
            "For demonstration only. The server answers with a `ride.offer` that is not as documented: `eta_minutes`"
            " is text, and `driver_name` is missing. **Try it out** marks the message in its log, with the places and"
            " the reasons, and counts it. That is how you notice a server that has drifted from its document."
        ),
        tags=["demonstration"],
    )
    async def handle_demo_drift(self, content: dict[str, Any]) -> None:
        offer = {"ride_id": consumers.RIDE_ID, "driver_id": consumers.DRIVER_ID, "eta_minutes": "soon"}
        await self.send_event("ride.offer", offer)
