"""The views and consumers on FastAPI and Starlette."""

from chanx.ext.fast_channels.views import asyncapi_docs, asyncapi_spec_json, asyncapi_spec_yaml
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

from .typed_fastapi import ExampleConsumer, MyConsumer, RoomConsumer

sockets = [
    WebSocketRoute("/ws/example", ExampleConsumer.as_asgi()),
    WebSocketRoute("/ws/mine", MyConsumer.as_asgi()),
    WebSocketRoute("/ws/rooms/{room_id:int}", RoomConsumer.as_asgi()),
]

app = FastAPI(title="Chat", version="2.1", routes=sockets)


@app.get("/asyncapi.json")
async def get_spec():
    return await asyncapi_spec_json(app=app)


@app.get("/titled.json")
async def get_titled_spec():
    return await asyncapi_spec_json(app=app, config={"title": "My API"})


starlette = Starlette(
    routes=[
        Route("/asyncapi.json", asyncapi_spec_json),
        Route("/asyncapi.yaml", asyncapi_spec_yaml),
        Route("/docs", asyncapi_docs),
        *sockets,
    ]
)
