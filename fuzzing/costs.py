"""What an invalid frame costs: not more than twice what a valid one of its size does, in time and in memory.

Frames of one size are made from an action's own message: one place of it is filled with as many small values as there
is room for. Those that the consumer takes say what a frame of that size may cost; so does reading the very text as
JSON, which nobody can leave out. All others are held against the dearest of these.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import json
import pathlib
import re
import time
import tracemalloc
from collections.abc import Iterator
from random import Random
from typing import Any

from chanspec.conformance.mutations import mutations
from chanspec.conformance.samples import Samples
from chanspec.conformance.search import search
from chanspec.conformance.sites import REMOVED, Path, at, replaced, sites
from chanspec.conformance.strategies import Generator
from fuzzing.frames import Caught, Line, Wrong
from fuzzing.mutators import written
from fuzzing.session import Case, Session
from fuzzing.targets import TARGETS, Target

ABOUT = "the cost of invalid frames, in time and memory"
SHARE = 0.2

WHO = ("typed", "receive_json", "typed, enforced", "by hand, warn", "by hand, error", "mixin", "mixin, sync")
SIZES = (16_384, 65_536, 262_144)
TIMES = 2.0
SPARE_BYTES = 6 * 2**20  # what differs from one run to the next whatever the frame: arenas, caches, log records
SPARE_SECONDS = 0.02
RUNS = 3
FILLERS: list[Any] = [
    {},
    [],
    None,
    0,
    0.5,
    "",
    "x",
    {"a": 0},
    [0],
    [[]],
    {"": {}},
    {"kind": "line"},
    {"pet": "x"},
    True,
]


class Frames:
    """The frames of one action that fill a size.

    Args:
        target: The consumer.
        samples: Of the action.
    """

    def __init__(self, target: Target, samples: Samples) -> None:
        _, self._schemas = target.api
        self._schema = samples.action.message.schema
        self.base = samples.bases[-1]
        self.sites = sites(self._schemas, self._schema, self.base)
        self.places = [each.path for each in self.sites if each.path != (target.action,)]
        self._wrong = [each.value for site in self.sites for each in mutations(site) if each.value is not REMOVED]

    @property
    def containers(self) -> list[Path]:
        """The places of lists, and of objects with names of the client's."""
        return [
            site.path
            for site in self.sites
            if isinstance(site.value, list) or (isinstance(site.value, dict) and not site.flat.get("properties"))
        ]

    def fat(self, size: int) -> Iterator[str]:
        """Frames that are likely to be taken: what repeats is repeated; where nothing does, what is long is ignored."""
        for path in self.containers:
            inner = at(self.base, path)
            held = list(inner.values() if isinstance(inner, dict) else inner)
            item = held[0] if held else self._any_inside(path)
            yield self._filled(path, item, size, as_list=isinstance(inner, list))
        if not self.containers:
            yield written({**self.base, "ignored": [0] * (size // 3)})
            yield written(self.base) + " " * size

    def _any_inside(self, path: Path) -> Any:
        """A value that a container may hold which is empty in the message."""
        flat = next(site.flat for site in self.sites if site.path == path)
        found: list[Any] = []
        wanted = Generator(self._schemas).valid(flat.get("items", flat.get("additionalProperties", True)))
        search(wanted, lambda value: found.append(value) is None, 5, Random(0), shrink=False)
        return found[0] if found else 0

    def worst(self, size: int) -> Iterator[str]:
        """The frames that are known to be bad: of an empty object each alternative of a union has its own error."""
        for path in self.containers:
            yield self._filled(path, {}, size, as_list=isinstance(at(self.base, path), list))

    def one(self, random: Random, size: int) -> str:
        """A frame that is likely to be refused."""
        path = random.choice(self.places)
        filler = random.choice(
            random.choice((FILLERS, FILLERS, [site.value for site in self.sites], self._wrong or FILLERS))
        )
        if isinstance(filler, str) and len(filler) > 200:
            filler = "x"
        for _ in range(random.choice((0, 0, 0, 1, 2))):
            filler = random.choice(([filler], {"a": filler}, [filler, filler]))
        if random.random() < 0.1:
            return written(replaced(self.base, path, random.choice(("x", "é", "9", "\x00", "[")) * (size // 2)))
        return self._filled(path, filler, size, as_list=random.random() < 0.7)

    def _filled(self, path: Any, filler: Any, size: int, *, as_list: bool) -> str:
        text = json.dumps(filler)
        if as_list:
            inner = "[" + ",".join([text] * max(1, size // (len(text) + 1))) + "]"
        else:
            inner = "{" + ",".join(f'"{index}":{text}' for index in range(max(1, size // (len(text) + 9)))) + "}"
        return written(replaced(self.base, path, "@@inner@@")).replace('"@@inner@@"', inner)


class Peak:
    """The most memory that a block took: what Python allocated, or what the process grew by, whichever is more.

    pydantic-core's errors are Rust's, of which tracemalloc knows nothing. Linux tells the largest size of a process,
    and forgets it when asked; elsewhere only Python's part is known.
    """

    bytes = 0

    def __enter__(self) -> Peak:
        gc.collect()
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)  # memory that was given back, and would be taken again without growth
        with contextlib.suppress(OSError):
            pathlib.Path("/proc/self/clear_refs").write_text("5")
        self._before = _status("VmRSS")
        tracemalloc.start()
        return self

    def __exit__(self, *_: object) -> None:
        allocated = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        self.bytes = max(allocated, _status("VmHWM") - self._before)


def _status(name: str) -> int:
    try:
        found = re.search(rf"^{name}:\s+(\d+) kB$", pathlib.Path("/proc/self/status").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return int(found.group(1)) * 1024 if found else 0


class Meter:
    """Measures frames on connections of their own."""

    def __init__(self, caught: Caught) -> None:
        self._caught = caught

    async def memory(self, target: Target, text: str) -> tuple[int, bool]:
        """The most memory that a frame took, in bytes, and whether it was taken."""
        async with self._line(target) as line:
            with Peak() as peak:
                taken = await self._taken(line, text)
            return peak.bytes, taken

    async def seconds(self, target: Target, text: str) -> float:
        """How long a frame kept the event loop, the shortest of some runs."""
        async with self._line(target) as line:
            found = []
            for _ in range(RUNS):
                began = time.perf_counter()
                await self._taken(line, text)
                found.append(time.perf_counter() - began)
                if line.transport.state != "open":
                    break
            return min(found)

    @contextlib.asynccontextmanager
    async def _line(self, target: Target) -> Any:
        line = Line(target, self._caught)
        await line.open()
        try:
            yield line
        finally:
            with contextlib.suppress(Wrong):
                await line.end()
            self._caught.take()

    async def _taken(self, line: Line, text: str) -> bool:
        names: list[str] = []
        line.sent = [text]
        line.transport.put({"type": "websocket.receive", "text": text})
        with contextlib.suppress(Wrong):  # another fuzzer's business
            await line.rest()
            line.check(names)
        return bool(names) and names != ["error"]


class Allowance:
    """What a frame of some size may cost by what the dearest valid one does."""

    def __init__(self) -> None:
        self.bytes = 0
        self.seconds = 0.0
        self.text = ""

    async def learn(self, meter: Meter, target: Target, frames: Frames, size: int, *, timed: bool) -> None:
        for text in frames.fat(size):
            peak, taken = await meter.memory(target, text)
            if taken and peak > self.bytes:
                self.bytes, self.text = peak, text
        if timed and self.text:
            self.seconds = await meter.seconds(target, self.text)


def _reading(text: str) -> tuple[int, float]:
    """What reading a text as JSON costs: bytes and seconds."""
    with Peak() as peak, contextlib.suppress(ValueError, RecursionError):
        json.loads(text)
    began = time.perf_counter()
    with contextlib.suppress(ValueError, RecursionError):
        json.loads(text)
    return peak.bytes, time.perf_counter() - began


def fuzz(session: Session) -> None:
    """Measure frames until the session is over. Times are measured only where the session has a time itself."""
    asyncio.run(_fuzz(session))


async def _fuzz(session: Session) -> None:
    caught, timed = Caught(), session.seconds is not None
    meter = Meter(caught)
    made: dict[str, list[Frames]] = {}  # by what a document says: most targets take the same messages
    allowed: dict[tuple[str, int, int], Allowance] = {}
    worst_bytes, worst_seconds = 0.0, 0.0
    sizes = SIZES if timed else SIZES[1:2]
    for target in map(TARGETS.__getitem__, WHO):
        if target.messages not in made:
            made[target.messages] = [Frames(target, each) for each in target.samples(session.seed)]
    first = [
        (TARGETS[name], frames, text)
        for name in WHO
        for frames in made[TARGETS[name].messages]
        for text in frames.worst(sizes[-1])
    ]
    session.random("order").shuffle(first)  # a session that ends early has seen some of everything
    session.figures["frames known to be bad"] = str(len(first))
    gc.collect()
    gc.freeze()  # what is there already is not looked at again before each measurement
    with caught.listening():
        for random in session.cases():
            if first:
                target, frames, text = first.pop()
                size = sizes[-1]
            else:
                target, size = TARGETS[random.choice(WHO)], random.choice(sizes)
                frames = random.choice(made[target.messages])
                text = frames.one(random, size)
            key = (target.name, id(frames), size)
            if key not in allowed:
                allowed[key] = Allowance()
                await allowed[key].learn(meter, target, frames, size, timed=timed)
            peak, taken = await meter.memory(target, text)
            if taken:
                continue
            read_bytes, read_seconds = _reading(text)
            ratio = peak / (max(allowed[key].bytes, read_bytes) + SPARE_BYTES)
            if ratio > worst_bytes:
                worst_bytes = ratio
                session.figures["worst cost in memory"] = f"{ratio:.2f} times a valid frame ({_about(target, text)})"
            case = {"target": target.name, "valid": allowed[key].text, "invalid": text}
            action = target.action_in(text)
            if ratio > TIMES and session.is_new(f"memory {target.name} {action}"):
                what = f"{_about(target, text)} takes {peak / 2**20:.1f} MiB, {ratio:.1f} times what a valid one does"
                session.failed(f"memory {target.name} {action}", what, case)
            if not timed:
                continue
            took = await meter.seconds(target, text)
            slow = took / (max(allowed[key].seconds, read_seconds) + SPARE_SECONDS)
            if slow > TIMES:  # a busy machine? both once more, and the better of each counts
                took = min(took, await meter.seconds(target, text))
                again = await meter.seconds(target, allowed[key].text) if allowed[key].text else 0.0
                slow = took / (max(allowed[key].seconds, read_seconds, again) + SPARE_SECONDS)
            if slow > worst_seconds:
                worst_seconds = slow
                session.figures["worst cost in time"] = f"{slow:.2f} times a valid frame ({_about(target, text)})"
            if slow > TIMES and session.is_new(f"time {target.name} {action}"):
                what = f"{_about(target, text)} takes {took:.2f} s, {slow:.1f} times what a valid one does"
                session.failed(f"time {target.name} {action}", what, case)


def _about(target: Target, text: str) -> str:
    return f"{target.action_in(text) or 'no action'}, {len(text) / 1024:.0f} KiB to {target.name}"


def replay(case: Case) -> str | None:
    """Measure the frames of a case once more."""

    async def again() -> str | None:
        caught, target = Caught(), TARGETS[case["target"]]
        meter, valid, invalid = Meter(caught), case["valid"], case["invalid"]
        with caught.listening():
            peak, _ = await meter.memory(target, invalid)
            usual = (await meter.memory(target, valid))[0] if valid else 0
            took = await meter.seconds(target, invalid)
            usually = await meter.seconds(target, valid) if valid else 0.0
        read_bytes, read_seconds = _reading(invalid)
        bytes_ratio = peak / (max(usual, read_bytes) + SPARE_BYTES)
        seconds_ratio = took / (max(usually, read_seconds) + SPARE_SECONDS)
        if max(bytes_ratio, seconds_ratio) <= TIMES:
            return None
        return f"{peak / 2**20:.1f} MiB ({bytes_ratio:.1f} times) and {took:.2f} s ({seconds_ratio:.1f} times)"

    return asyncio.run(again())
