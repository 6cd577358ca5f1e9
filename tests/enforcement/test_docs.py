"""The how-to's code, as it stands in ``docs/how-to/enforcement.md``, and what the text says it does."""

from __future__ import annotations

import json
import re
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from channels.routing import URLRouter
from django.urls import path

from chanspec.enforcement import checker_of
from tests.enforcement.consumers import TypedConsumer
from tests.runtime.driver import connected

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = (Path(__file__).parents[2] / "docs" / "how-to" / "enforcement.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"```python\n# (\S+)\n(.*?)```", TEXT, re.DOTALL))


def module(name: str, source: str = "", **values: Any) -> types.ModuleType:
    made = types.ModuleType(name)
    made.__dict__.update(values)
    sys.modules[name] = made
    exec(compile(source, name, "exec"), made.__dict__)
    return made


@pytest.fixture
def rides(monkeypatch: pytest.MonkeyPatch) -> Iterator[types.ModuleType]:
    """The modules that the text's imports name, its consumers among them."""
    known = set(sys.modules)
    module("rides")
    consumers = module("rides.consumers", BLOCKS["rides/consumers.py"], ChatConsumer=TypedConsumer)
    module("rides.routing", websocket_urlpatterns=[path("ws/rides/", consumers.RideConsumer.as_asgi())])
    yield consumers
    for name in set(sys.modules) - known:
        if name.partition(".")[0] in ("rides", "main", "myproject"):
            del sys.modules[name]


RIDE = "d290f1ee-6c54-4b01-90e6-d701748f0851"


async def test_every_block_is_run_by_these_tests(rides: types.ModuleType) -> None:
    assert set(BLOCKS) == {"myproject/asgi.py", "main.py", "rides/monitoring.py", "rides/consumers.py"}
    assert TEXT.count("```python") == len(BLOCKS)


async def test_django(rides: types.ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTRACT", "error")
    application = module("myproject.asgi", BLOCKS["myproject/asgi.py"]).application
    scope = {"path": "/ws/rides/", "headers": [(b"origin", b"http://localhost")]}
    async with connected(application, scope=scope) as client:
        client.text(json.dumps({"action": "cancel", "ride_id": RIDE}))
        assert await client.message(20) == {"type": "ride.cancelled", "ride_id": RIDE}
        client.text(json.dumps({"action": "accept", "ride_id": RIDE, "stars": 5}))
        assert await client.message(20) == {"type": "ride.accepted", "stars": 5}
        client.text(json.dumps({"action": "accept", "ride_id": RIDE, "stars": 6}))
        assert (await client.message(20))["payload"][0]["loc"] == ["stars"]
    assert application.drifts.total == 1


async def test_fastapi(rides: types.ModuleType, caplog: pytest.LogCaptureFixture) -> None:
    app = module("main", BLOCKS["main.py"]).app
    async with connected(app, scope={"path": "/ws/chat", "root_path": "", "scheme": "ws"}) as client:
        client.say("tell", {"action": "gone"})
        assert await client.message(20) == {"action": "gone"}
    assert "'gone' was sent: no event of this name is in the contract" in caplog.text


async def test_monitoring(rides: types.ModuleType) -> None:
    monitoring = module("rides.monitoring", BLOCKS["rides/monitoring.py"])
    async with connected(URLRouter([path("", monitoring.application)]), scope={"path": "/"}) as client:
        client.text("{")
        assert (await client.message(20))["type"] == "error"
    assert monitoring.counted == {"in": 1}
    assert monitoring.metrics() == "contract_drifts_total 1\n"


def test_the_line_that_is_logged_is_as_shown(rides: types.ModuleType) -> None:
    shown = " ".join(re.search(r"\n\n    (rides\.consumers:.*?)\n\n", TEXT, re.DOTALL)[1].split())  # type: ignore[index]
    offers = module(
        "rides.consumers",
        """
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from chanspec import document_event
from tests.enforcement.consumers import Offer

class RideConsumer(AsyncJsonWebsocketConsumer):
    @document_event("ride.offer", payload=Offer)
    async def ride_offer(self, event): ...
""",
    )
    drift = checker_of(offers.RideConsumer).outbound('{"type": "ride.offer", "driver": "E", "minutes": "soon"}')
    assert str(drift) == shown
