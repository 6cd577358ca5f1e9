"""The application: the page, the rooms, and the docs of their messages at /ws-docs/."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Request, Response
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from starlette.routing import WebSocketRoute

from chanspec.starlette.docs import AsyncAPIDocs
from chanspec.starlette.origin import OriginValidator
from chat import consumers, drift
from chat.consumers import group_of
from chat.messages import Announcement, AnnouncementMessage
from chat.rooms import ROOM_ID

STATIC = Path(__file__).parent / "static"
STRICT = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

RoomConsumer = drift.RoomConsumer if os.environ.get("DEMO_DRIFT") == "1" else consumers.RoomConsumer

# Only pages of this very host may open a socket. A deployment names its hosts: OriginValidator(…, ["https://…"]).
room = OriginValidator(RoomConsumer.as_asgi())

app = FastAPI(
    title="Chat",
    routes=[WebSocketRoute("/ws/rooms/{room_id}", room, name="room")],
    docs_url=None,
    redoc_url=None,
)
app.mount("/static", StaticFiles(directory=STATIC))
app.mount(
    "/ws-docs",
    AsyncAPIDocs(
        title="Chat",
        description="Rooms where people talk, and an assistant that streams its answers.",
        try_it_out="closed",
    ),
)


@app.get("/", include_in_schema=False)
@app.get("/rooms/{room_id}", include_in_schema=False)
async def page() -> FileResponse:
    """The page is the same for every room: its script reads the address."""
    return FileResponse(STATIC / "index.html")


@app.post("/rooms/{room_id}/announcements", status_code=204)
def announce(
    room_id: Annotated[str, PathParameter(pattern=f"^{ROOM_ID.pattern}$")], announcement: Announcement
) -> None:
    """Tell everybody in a room something. A sync endpoint runs in a thread, hence ``broadcast_event_sync``."""
    RoomConsumer.broadcast_event_sync(AnnouncementMessage(payload=announcement), [group_of(room_id)])


@app.middleware("http")
async def harden(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    response.headers["Content-Security-Policy"] = STRICT
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    return response
