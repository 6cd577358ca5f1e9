"""Measures building the document of many consumers, and asking for it again where nothing has changed.

A consumer has ten messages: five that it handles, each answered by another. Either all messages have one payload class,
or each has its own. The last column says how that compares with what pydantic alone takes for the messages' schemas.
Every figure comes from a fresh process, as a server's first request for its document does, and is processor time, since
nothing in it waits; the processes take turns. Nothing is asserted here.

Run it with ``python -m benchmarks.document [--turns N]``.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import multiprocessing
import statistics
import sys
import time
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, create_model

from benchmarks.figures import TIMES, figure, readable
from chanspec import AsyncAPIGenerator
from chanspec.contract import contract_of
from chanspec.decorators import ws_handler
from chanspec.messages import BaseMessage

HANDLERS = 5
CONSUMERS = 200
AGAIN = 50
"""Requests for an unchanged document, of which the median counts."""

APPLICATION = "benchmark_application"


class Text(BaseModel):
    """The payload of all messages, where they share one."""

    text: str
    room: int
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table.

    Attributes:
        name: What was measured.
        seconds: What each turn took.
        limit: The most seconds it may take, where there is a limit.
        base: The name of the row that it is compared with, if any.
        most: The most times that row's figure it may be, where there is a limit.
    """

    name: str
    seconds: list[float]
    limit: float | None = None
    base: str | None = None
    most: float | None = None


def consumers(count: int, *, shared: bool, base: type = object) -> list[tuple[type, str]]:
    """Return so many consumers, with ten messages each, and their addresses."""
    return [(_consumer(number, shared, base), f"/ws/{number}/") for number in range(count)]


def _consumer(number: int, shared: bool, base: type) -> type:
    methods: dict[str, Any] = {}
    for action in range(HANDLERS):
        taken = _message(f"Do{number}x{action}", f"do_{action}", shared)
        methods[f"handle_{action}"] = _handler(taken, _message(f"Done{number}x{action}", f"done_{action}", shared))
    consumer = types.new_class(f"Consumer{number}", (base,), exec_body=lambda namespace: namespace.update(methods))
    contract_of(consumer)  # as when a typed consumer is defined
    return consumer


def _message(name: str, constant: str, shared: bool) -> type[BaseMessage]:
    payload = Text if shared else create_model(f"{name}Payload", __base__=Text)
    fields: dict[str, Any] = {"action": (Literal[constant], constant), "payload": (payload, ...)}
    return create_model(name, __base__=BaseMessage, **fields)


def _handler(taken: type[BaseMessage], sent: type[BaseMessage]) -> Any:
    async def handle(self: Any, message: Any) -> Any: ...

    return ws_handler(input_type=taken, output_type=sent)(handle)


def timed(work: Callable[[], object]) -> float:
    """Return the seconds of processor time that something takes, begun on a tidy heap."""
    gc.collect()
    started = time.process_time()
    work()
    return time.process_time() - started


def as_dict(count: int, shared: bool) -> float:
    """Return the seconds until ``get_spec`` has the document of so many consumers."""
    pairs = consumers(count, shared=shared)
    AsyncAPIGenerator(consumers=pairs[:1]).get_spec()  # what is loaded once
    return timed(lambda: AsyncAPIGenerator(consumers=pairs).get_spec())


def as_yaml(count: int, shared: bool) -> float:
    """Return the seconds until ``get_yaml`` has it."""
    pairs = consumers(count, shared=shared)
    AsyncAPIGenerator(consumers=pairs[:1]).get_yaml()
    return timed(lambda: AsyncAPIGenerator(consumers=pairs).get_yaml())


def by_pydantic(count: int, shared: bool) -> float:
    """Return the seconds that pydantic takes for the JSON Schema of each message, and for nothing else."""
    contracts = [contract_of(consumer) for consumer, _ in consumers(count, shared=shared)]
    classes = [(each.message_type, each.outputs[0]) for contract in contracts for each in contract.handlers]

    def describe() -> None:
        for taken, sent in classes:
            taken.model_json_schema()  # type: ignore[attr-defined]
            sent.model_json_schema(mode="serialization")  # type: ignore[attr-defined]

    return timed(describe)


def on_django(count: int, shared: bool) -> tuple[float, float]:
    """Return the seconds of a first and of a second request to Django's view, which finds the consumers itself."""
    import django
    from django.conf import settings

    module = sys.modules[APPLICATION] = types.ModuleType(APPLICATION)
    settings.configure(ALLOWED_HOSTS=["*"], ASGI_APPLICATION=f"{APPLICATION}.application")
    django.setup()
    from channels.routing import ProtocolTypeRouter, URLRouter
    from django.test import RequestFactory
    from django.urls import path

    from chanspec.channels.views import AsyncAPISchemaView
    from chanspec.channels.websocket import AsyncJsonWebsocketConsumer

    pairs = consumers(count, shared=shared, base=AsyncJsonWebsocketConsumer)
    routes = [path(address[1:], consumer.as_asgi()) for consumer, address in pairs]  # type: ignore[attr-defined]
    module.application = ProtocolTypeRouter({"websocket": URLRouter(routes)})  # type: ignore[attr-defined]
    view, request = AsyncAPISchemaView.as_view(), RequestFactory().get("/schema/")

    def ask() -> None:
        assert view(request).status_code == 200

    return timed(ask), statistics.median(timed(ask) for _ in range(AGAIN))


def on_starlette(count: int, shared: bool) -> tuple[float, float]:
    """Return the seconds of a first and of a second request to Starlette's endpoint, which finds them itself."""
    from starlette.applications import Starlette
    from starlette.routing import Route, WebSocketRoute

    from chanspec.starlette.views import asyncapi_spec_json
    from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer

    pairs = consumers(count, shared=shared, base=AsyncJsonWebsocketConsumer)
    routes = [WebSocketRoute(address, consumer.as_asgi()) for consumer, address in pairs]  # type: ignore[attr-defined]
    app = Starlette(routes=[Route("/asyncapi.json", asyncapi_spec_json), *routes])
    scope = {"type": "http", "method": "GET", "path": "/asyncapi.json", "query_string": b"", "root_path": ""}

    async def ask() -> None:
        answers: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            answers.append(message)

        await app({**scope, "headers": [(b"host", b"localhost")]}, receive, send)
        assert answers[0]["status"] == 200

    async def both() -> tuple[float, float]:
        taken = []
        for _ in range(1 + AGAIN):
            gc.collect()
            started = time.process_time()
            await ask()
            taken.append(time.process_time() - started)
        return taken[0], statistics.median(taken[1:])

    return asyncio.run(both())


def rows(turns: int = 5, progress: Callable[[str], None] = lambda line: None) -> list[Row]:
    """Measure everything, and return the table.

    Args:
        turns: How often.
        progress: Is told what comes next.
    """
    table = {row.name: row for row in _empty()}
    for turn in range(1, turns + 1):
        for names, work, arguments in _measurements():
            progress(f"turn {turn} of {turns}: {names[0]}")
            found = _in_a_fresh_process(work, arguments)
            for name, seconds in zip(names, found if isinstance(found, tuple) else (found,), strict=True):
                table[name].seconds.append(seconds)
    return list(table.values())


_PAYLOADS = {"one payload class": True, "a payload class for each message": False}


def _name(count: int, payloads: str, what: str) -> str:
    return f"{count} consumers, {payloads}: {what}"


def _empty() -> Iterator[Row]:
    for payloads in _PAYLOADS:
        alone = _name(CONSUMERS, payloads, "pydantic alone")
        yield Row(alone, [])
        yield Row(_name(CONSUMERS, payloads, "as a dict"), [], 1.0, alone)
        yield Row(_name(CONSUMERS, payloads, "as YAML"), [], None, alone)
        small = _name(CONSUMERS, payloads, "as a dict")
        yield Row(_name(2 * CONSUMERS, payloads, "as a dict"), [], None, small, 2.2)
    for framework in ("Django", "Starlette"):
        first = f"{framework}'s view, {CONSUMERS} consumers: a first request"
        yield Row(first, [])
        yield Row(f"{framework}'s view, {CONSUMERS} consumers: a second request", [], None, first)


def _measurements() -> Iterator[tuple[tuple[str, ...], Callable[..., Any], tuple[Any, ...]]]:
    for payloads, shared in _PAYLOADS.items():
        yield (_name(CONSUMERS, payloads, "pydantic alone"),), by_pydantic, (CONSUMERS, shared)
        yield (_name(CONSUMERS, payloads, "as a dict"),), as_dict, (CONSUMERS, shared)
        yield (_name(CONSUMERS, payloads, "as YAML"),), as_yaml, (CONSUMERS, shared)
        yield (_name(2 * CONSUMERS, payloads, "as a dict"),), as_dict, (2 * CONSUMERS, shared)
    for framework, ask in (("Django", on_django), ("Starlette", on_starlette)):
        view = f"{framework}'s view, {CONSUMERS} consumers"
        yield (f"{view}: a first request", f"{view}: a second request"), ask, (CONSUMERS, False)


def _in_a_fresh_process(work: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, arguments)


def lines(table: list[Row]) -> Iterator[str]:
    """Yield the table as text: the median, the spread, and the ratio to another row of the same turn."""
    found = {row.name: row.seconds for row in table}
    width = max(map(len, found))
    for row in table:
        told = figure([each * 1e3 for each in row.seconds])
        line = f"{row.name:{width}}  {readable(told.median):>6} ms ({readable(told.low)} to {readable(told.high)})"
        if row.base is not None:
            ratio = figure([one / other for one, other in zip(row.seconds, found[row.base], strict=True)])
            line += f"  {readable(ratio.median)} {TIMES} {row.base.rpartition(': ')[2]}"
            if row.most is not None:
                line += f" of half as many, {'met' if ratio.median <= row.most else 'missed'}: ≤ {row.most:g} {TIMES}"
        if row.limit is not None:
            line += f", {'met' if told.median <= row.limit * 1e3 else 'missed'}: ≤ {row.limit * 1e3:,.0f} ms"
        yield line


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=5)
    turns = max(1, parser.parse_args().turns)
    table = rows(turns, lambda line: print(line, file=sys.stderr, flush=True))
    print(*lines(table), sep="\n")


if __name__ == "__main__":
    main()
