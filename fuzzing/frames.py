"""Frames, valid and nearly valid and not at all, to consumers of every kind in this process.

After each frame, on each kind of consumer:

- the connection is open, or closed with a documented code;
- no exception left the application, and nothing was logged as an error, or unescaped;
- each frame that was sent is one of the contract's, and as it has it;
- the number of answers is the documented one: an error alone, or what the action promises;
- a message that the document has is answered and not refused; one that it excludes is refused;
- the next ping is answered, and when a connection has ended nothing of it is left.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import logging
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from chanspec.conformance.minimise import minimised
from chanspec.conformance.noise import noises
from chanspec.conformance.samples import Expectation, Samples
from chanspec.conformance.search import search
from chanspec.enforcement import FrameChecker, checker_of
from chanspec.runtime.hub import hubs_here
from chanspec.runtime.watching import KEY, Watch, unfinished
from chanspec.testing.transport import Transport
from fuzzing.mutators import Frame, garbled, mangled, shrink_steps, written
from fuzzing.session import Case, Session, in_general, lump, place_of
from fuzzing.targets import COMPLETE, PONG, SAID_LOOSELY, TARGETS, Target

ABOUT = "frames to typed, described and dispatching consumers"
SHARE = 0.35

ON_ONE_CONNECTION = 25
PATIENCE = 60.0  # seconds: a guard against silence, never a measurement
TRIES = 150
TOO_LARGE = 1009
MAX_FRAME = 1_048_576
MAX_LINE = 3000  # characters of a log line; chanspec cuts what a client sent at 1,000
DRAWN = 8  # messages of each action that hypothesis makes up, besides those of the conformance package


@dataclass(frozen=True, slots=True)
class Shot:
    """A frame, and what the document says of it; None where nothing is known."""

    frame: Frame
    expected: Expectation | None = None


@dataclass(slots=True, eq=False)
class Wrong(Exception):  # noqa: N818 - a verdict
    """Something that must not happen: what, and the same for what is the same fault."""

    key: str
    what: str


@dataclass(slots=True)
class Pool:
    """The messages of one action: those that the document has, those that it excludes, and the values of the former."""

    valid: list[Shot] = field(default_factory=list)
    invalid: list[Shot] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)


class Shots:
    """Makes the frames for one target, the messages of each action when they are first wanted.

    Args:
        target: The consumer.
        seed: What the samples are made from.
    """

    def __init__(self, target: Target, seed: int) -> None:
        self._samples = target.samples(seed)
        self._pools: dict[int, Pool] = {}
        self._noises = [Shot(each.frame) for each in noises(target.action)]

    def one(self, random: Random) -> Shot:
        """A frame."""
        index = random.randrange(len(self._samples))
        pool = self._pools.get(index) or self._pools.setdefault(index, self._pool(self._samples[index]))
        chance = random.random()
        if chance < 0.15:
            return random.choice(pool.valid)
        if chance < 0.3 and pool.invalid:
            return random.choice(pool.invalid)
        if chance < 0.305:
            return random.choice(self._noises)
        value, raw = mangled(random, random.choice(pool.values))
        text = written(value, raw)
        return Shot(text if chance < 0.7 else garbled(random, text))

    def _pool(self, samples: Samples) -> Pool:
        known, drawn = samples.known_valid(40), list[Any]()
        search(samples.valid(), lambda value: bool(drawn.append(value)), DRAWN, samples.random(), shrink=False)
        known += [samples.of(value) for value in drawn]
        says_all = samples.action.message.value not in SAID_LOOSELY
        return Pool(
            [Shot(each.text, each.expectation if says_all else Expectation.ODD) for each in known],
            [Shot(each.text, each.expectation) for each in samples.known_invalid(60)],
            [each.value for each in known],
        )


class Caught(logging.Handler):
    """What is logged, and what the event loop reports that nobody awaited."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.wrong: list[Wrong] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if record.levelno >= logging.ERROR:
            error = record.exc_info[1] if record.exc_info else None
            cause = place_of(error) if error is not None else ""
            self.wrong.append(
                Wrong(f"logged {cause or in_general(text)}", f"an error was logged: {text[:300]} ({cause})")
            )
        elif not text.isprintable() or len(text) > MAX_LINE:
            self.wrong.append(
                Wrong(f"log line of {record.name}", f"a log line is unescaped or too long: {text[:300]!a}")
            )

    def reported(self, loop: Any, context: dict[str, Any]) -> None:
        error = context.get("exception")
        cause = place_of(error) if error is not None else in_general(str(context.get("message")))
        self.wrong.append(
            Wrong(f"unawaited {cause}", f"the event loop reports {context.get('message')}: {error!r:.300}")
        )

    def take(self) -> list[Wrong]:
        taken, self.wrong = self.wrong, []
        return taken

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Hear everything while a block runs; nothing is printed."""
        root, ours = logging.getLogger(), logging.getLogger("chanspec")
        before, level = root.handlers[:], ours.level
        root.handlers[:] = [self]
        ours.setLevel(logging.INFO)
        asyncio.get_running_loop().set_exception_handler(self.reported)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # pydantic's, of defaults; not what is looked for
                yield
        finally:
            root.handlers[:] = before
            ours.setLevel(level)


class Line:
    """One connection to a target.

    Args:
        target: The consumer.
        caught: What is logged meanwhile.
    """

    def __init__(self, target: Target, caught: Caught) -> None:
        self.target = target
        self.caught = caught
        self.checker: FrameChecker = checker_of(target.consumer)
        self.watch = Watch()
        scope = {
            "type": "websocket",
            "path": "/",
            "raw_path": b"/",
            "headers": [],
            "query_string": target.query,
            KEY: self.watch,
        }
        self.transport = Transport(
            target.app, {**scope, "subprotocols": [], "client": ("127.0.0.1", 1), "server": ("a", 80)}
        )
        self.sent: list[Frame] = []

    async def open(self) -> None:
        """Connect, and take what comes unasked."""
        self.transport.start()
        await self.rest()
        self.check([])
        if self.transport.state != "open":
            raise Wrong("refused", "the connection was not accepted")

    async def send(self, frame: Frame, expected: Expectation | None = None) -> bool:
        """Send a frame and then a ping; returns whether the connection is still of use.

        Raises:
            Wrong: What came of it is not as documented.
        """
        self.sent.append(frame)
        kind = "text" if isinstance(frame, str) else "bytes"
        self.transport.put({"type": "websocket.receive", kind: frame})
        self.transport.put({"type": "websocket.receive", "text": self.target.ping})
        await self.rest()
        names: list[str] = []
        self.check(names)
        if self.transport.state == "closed":
            return False
        if PONG not in names:
            raise Wrong("no pong", f"the ping after the frame was not answered; there came {names[:5]}")
        names.remove(PONG)
        self._count(frame, expected, [each for each in names if each != COMPLETE])
        return True

    async def end(self) -> None:
        """Leave.

        Raises:
            Wrong: Something of the connection is left.
        """
        self.transport.leave(1001)
        ended = await self.transport.ended(PATIENCE)
        if not ended:
            await self.transport.cancel()
            raise Wrong("does not end", f"the application goes on {PATIENCE:.0f} s after the client left")
        self.check([])
        for hub in hubs_here():
            if hub.members:
                raise Wrong("membership left", "the hub has a member though no connection is open")

    async def rest(self) -> None:
        """Return when the application has nothing more to do but to wait for a frame."""
        loop = asyncio.get_running_loop()
        end, turns = loop.time() + PATIENCE, 0
        while not self.transport.has_ended:
            idle = self.transport.rests and self.transport.state != "opening"
            if idle and not any(unfinished(self.watch.connection)):
                break
            turns += 1
            await asyncio.sleep(0 if turns < 300 else 0.001)  # a sync consumer works in a thread
            if loop.time() > end:
                raise Wrong("hangs", f"the application is busy {PATIENCE:.0f} s after the frame")

    def check(self, names: list[str]) -> None:
        """Look at all that came of a frame, and add the names of the messages."""
        sent = list(self.transport.frames)
        self.transport.frames.clear()
        error = self.transport.error
        for wrong in self.caught.take():
            raise wrong
        if error is not None:
            raise Wrong(f"escaped {place_of(error)}", f"the application raised {place_of(error)}: {str(error)[:200]!r}")
        for frame in sent:
            if frame["type"] == "websocket.close":
                large = bool(self.sent) and len(_encoded(self.sent[-1])) > MAX_FRAME
                if not (large and frame.get("code") == TOO_LARGE):
                    code, reason = frame.get("code"), frame.get("reason")
                    raise Wrong(f"closed {code}", f"the connection was closed with {code} ({reason or 'no reason'})")
            elif frame["type"] == "websocket.send":
                names.append(self._name(frame.get("text")))

    def _name(self, text: str | None) -> str:
        try:
            drift = self.checker.outbound(_encoded(text or "").decode())
        except UnicodeEncodeError as error:
            raise Wrong("sent no Unicode", f"a frame was sent that no server can encode: {error}") from None
        if drift is not None:
            raise Wrong(
                f"drift {drift.message} {in_general(drift.what)}", f"a frame is not as documented: {drift}"[:500]
            )
        return self.target.name_in(text or "") or ""

    def _count(self, frame: Frame, expected: Expectation | None, names: list[str]) -> None:
        action = self.target.action_in(frame)
        is_refused = names == ["error"]
        if not self.target.refuses:
            if len(names) != 1 and action != "note":
                raise Wrong("answers", f"{len(names)} answers came, and one is documented")
            return
        if not is_refused and (action is None or sorted(names) != sorted(self.target.answers.get(action, ["?"]))):
            raise Wrong(f"answers {len(names)}", f"to the action {action!r:.60} there came {names[:6]}")
        if expected is Expectation.VALID and is_refused:
            raise Wrong(f"valid refused {action}", f"a valid {action!r:.60} was refused")
        if expected is Expectation.INVALID and not is_refused:
            raise Wrong(f"invalid taken {action}", f"an invalid {action!r:.60} was taken")


def fuzz(session: Session) -> None:
    """Send frames until the session is over."""
    asyncio.run(_fuzz(session))


async def _fuzz(session: Session) -> None:
    targets, shots, caught = list(TARGETS.values()), dict[str, Shots](), Caught()
    line: Line | None = None
    with caught.listening():
        for random in session.cases():
            target = targets[session.done // ON_ONE_CONNECTION % len(targets)]
            if target.name not in shots:
                alike = next((each for each in shots if TARGETS[each].messages == target.messages), None)
                shots[target.name] = Shots(target, session.seed) if alike is None else shots[alike]
            shot = shots[target.name].one(random)
            try:
                if line is not None and line.target is not target:
                    await line.end()
                    line = None
                if line is None:
                    line = Line(target, caught)
                    await line.open()
                if not await line.send(shot.frame, shot.expected):
                    await line.end()
                    line = None
            except Wrong as wrong:
                if session.is_new(wrong.key):
                    assert line is not None
                    await _keep(session, wrong, line, shot)
                if line is not None:
                    with contextlib.suppress(Wrong):
                        await line.end()
                line = None
                caught.take()
        if line is not None:
            await line.end()
    session.figures["consumers"] = str(len(targets))


async def _keep(session: Session, wrong: Wrong, line: Line, shot: Shot) -> None:
    """Look for the smallest reproduction of a failure."""
    target, caught = line.target, line.caught
    with contextlib.suppress(Wrong):
        await line.end()

    async def shows(frames: Sequence[Frame], expected: Expectation | None = None) -> bool:
        found = await _attempt(target, frames, expected, caught)
        return found is not None and found.key == wrong.key

    frames: list[Frame] = [shot.frame]
    expected = shot.expected
    if not await shows(frames, expected):
        frames = await lump(list(line.sent), lambda fewer: shows(fewer, expected), TRIES)
    elif isinstance(shot.frame, str) and expected is None:
        frames = [await _smaller(shot.frame, lambda text: shows([text]))]
    case = {"target": target.name, "frames": [_as_json(each) for each in frames]}
    if expected is not None:
        case["expected"] = expected.value
    session.failed(wrong.key, f"{target.name}: {wrong.what}", case)


async def _smaller(text: str, shows: Any) -> str:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if value is not None and await shows(json.dumps(value)):
        text = json.dumps(await minimised(value, lambda each: shows(json.dumps(each)), TRIES))
    tries, improved = TRIES, True
    while improved and tries > 0:
        improved = False
        for shorter in shrink_steps(text):
            tries -= 1
            if await shows(shorter):
                text, improved = shorter, True
                break
            if tries <= 0:
                break
    return text


async def _attempt(
    target: Target, frames: Sequence[Frame], expected: Expectation | None, caught: Caught
) -> Wrong | None:
    """What goes wrong with some frames on a connection of their own; the document's verdict is that of the last one."""
    caught.take()
    line = Line(target, caught)
    try:
        await line.open()
        for index, frame in enumerate(frames):
            if not await line.send(frame, expected if index == len(frames) - 1 else None):
                break
        await line.end()
    except Wrong as wrong:
        with contextlib.suppress(Wrong):
            await line.end()
        return wrong
    return None


def replay(case: Case) -> str | None:
    """Do once more what a case says; returns what goes wrong."""

    async def again() -> Wrong | None:
        caught = Caught()
        expected = Expectation(case["expected"]) if "expected" in case else None
        with caught.listening():
            return await _attempt(
                TARGETS[case["target"]], [_from_json(each) for each in case["frames"]], expected, caught
            )

    wrong = asyncio.run(again())
    return None if wrong is None else wrong.what


def _encoded(frame: Frame) -> bytes:
    return frame.encode() if isinstance(frame, str) else frame


def _as_json(frame: Frame) -> str | dict[str, str]:
    return frame if isinstance(frame, str) else {"bytes": base64.b64encode(frame).decode()}


def _from_json(frame: str | dict[str, str]) -> Frame:
    return frame if isinstance(frame, str) else base64.b64decode(frame["bytes"])
