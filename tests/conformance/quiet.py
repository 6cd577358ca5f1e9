"""Applications that any document may be tried against: one that answers everything alike, and one that is hostile."""

from __future__ import annotations

from typing import Any

HARMFUL = "a\n::error::fake\n\nno finding: 9 messages to 9 actions\x1b[2J\u202e##[error]x"


async def answering(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer every frame with `pong`."""
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": '{"action": "pong"}'})


async def hostile(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Send what no document has, and close with a reason that no terminal should see."""
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": f"{HARMFUL} is no JSON"})
        await send({"type": "websocket.send", "text": '{"action": "\\u001b[2J\\n::error::x"}'})
        await send({"type": "websocket.close", "code": 4000, "reason": HARMFUL})
        return


async def slow(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Accept, and never answer."""
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] == "websocket.receive":
        pass
