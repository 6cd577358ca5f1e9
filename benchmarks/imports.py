"""How long an import takes in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys

from benchmarks.contenders import Contender
from benchmarks.figures import Target, figure
from benchmarks.protocol import DidNotFinishError
from benchmarks.scenario import Metric, Options, Scenario

TIMES = 3
"""Fresh interpreters for one measurement; the fastest counts, the others waited for the machine."""

PROGRAM = "import time; began = time.perf_counter(); exec({!r}); print(time.perf_counter() - began)"

STATEMENTS = {
    "pydantic": "from pydantic import BaseModel, TypeAdapter",
    "pydantic-used": (
        "import asyncio\nfrom pydantic import BaseModel, TypeAdapter\n"
        "class Text(BaseModel):\n  text: str\n  room: int\nTypeAdapter(Text)"
    ),
    "chanspec": "import chanspec",
    "chanspec-core": (
        "from chanspec.messages import BaseMessage; from chanspec.decorators import channel, ws_handler; "
        "from chanspec.runtime.consumer import Consumer"
    ),
    "starlette": "from starlette.websockets import WebSocket",
    "socketio": "import socketio",
    "channels": "from channels.generic.websocket import AsyncWebsocketConsumer",
    "chanx": (
        "from chanx.messages.base import BaseMessage; from chanx.core.decorators import channel, ws_handler; "
        "from chanx.fast_channels.websocket import AsyncJsonWebsocketConsumer"
    ),
}


def measure(contender: Contender, options: Options) -> dict[str, float]:
    """Seconds that the statement takes."""
    command = [sys.executable, "-c", PROGRAM.format(STATEMENTS[contender.key])]
    found = []
    for _ in range(TIMES + 1):  # the first may write compiled files
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise DidNotFinishError(done.stderr.strip().rpartition("\n")[2])
        found.append(float(done.stdout))
    return {"seconds": figure(found[1:]).low}


SCENARIOS = (
    Scenario(
        "imports",
        f"In a fresh interpreter, the fastest of {TIMES} in each run.",
        (
            Metric(
                "seconds",
                "Importing in a fresh interpreter",
                "ms",
                1e3,
                floor="pydantic",
                targets={"chanspec": Target(1.3)},
            ),
        ),
        (
            Contender("pydantic", "pydantic: `BaseModel`, `TypeAdapter`", ""),
            Contender("pydantic-used", "pydantic with one model, and asyncio", ""),
            Contender("chanspec", "chanspec: `import chanspec`", "", ours=True),
            Contender("chanspec-core", "chanspec: messages, decorators and consumer", "", ours=True),
            Contender("chanx", "chanx: messages, decorators and consumer", ""),
            Contender("starlette", "Starlette: `WebSocket`", ""),
            Contender("channels", "Channels: consumer", ""),
            Contender("socketio", "python-socketio", ""),
        ),
        measure,
    ),
)
