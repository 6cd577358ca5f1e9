"""``make fuzz``: sends everything a stranger may send, and says what did harm.

Each fuzzer has its part of the time. What it finds is made small, printed with the seed, and written to a file under
fuzzing/failures/, which --replay does once more. The same seed makes the same cases in the same order; how many
there are depends on the time, or on --count. With --write, the figures go into the table of fuzzing/README.md.
"""

from __future__ import annotations

import argparse
import importlib
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from random import SystemRandom
from types import ModuleType

from fuzzing import readme
from fuzzing.session import FAILURES, Failure, Progress, Session

NAMES = ("frames", "costs", "envelopes", "documents", "soak")
MINUTES = 4.0

EXAMPLES = """\
fuzzers:
{listed}

examples:
  make fuzz                                      all of them, {minutes:g} minutes
  make fuzz ARGS="--minutes 60 --write"          an hour, and its figures into fuzzing/README.md
  make fuzz ARGS="--only frames --minutes 1"     one of them
  make fuzz ARGS="--only frames --seed 7 --count 20000"
                                                 the same cases every time, on every machine
  make fuzz ARGS="--replay fuzzing/failures/frames-1a2b3c4d5e.json"
                                                 what was found once more, whose code may have been mended since

exit code: 0 nothing found, 1 something, 2 wrong usage, 130 stopped by Ctrl-C with nothing found so far
"""


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    listed = "\n".join(f"  {name:12} {_fuzzer(name).ABOUT}" for name in NAMES)
    parser = argparse.ArgumentParser(
        prog="python -m fuzzing",
        description=__doc__,
        epilog=EXAMPLES.format(listed=listed, minutes=MINUTES),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", action="append", choices=NAMES, metavar="FUZZER", help="run it; may be repeated")
    parser.add_argument(
        "--minutes", type=_positive, default=MINUTES, metavar="M", help=f"for all together; {MINUTES:g} by default"
    )
    parser.add_argument("--count", type=int, metavar="N", help="cases of each fuzzer, whatever time they take")
    parser.add_argument("--seed", type=int, metavar="N", help="what everything is made from; any by default")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="do once more what a file under failures/ says")
    parser.add_argument("--write", action="store_true", help="put the figures into fuzzing/README.md")
    parser.add_argument("--no-redis", action="store_true", help="leave out what needs redis-server")
    parser.add_argument("--no-browser", action="store_true", help="leave out what needs Chromium")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz, or replay. Returns the exit code."""
    asked = parsed(arguments)
    if asked.replay is not None:
        return _replay(asked.replay)
    if asked.write and asked.only:
        print("--write needs all fuzzers: leave out --only", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started is ended either way
    seed = SystemRandom().randrange(10**6) if asked.seed is None else asked.seed
    print(f"seed {seed}", file=sys.stderr)
    names = asked.only or NAMES
    whole = sum(_fuzzer(name).SHARE for name in names)
    sessions, stopped = [], False
    for name in names:
        progress = Progress(name)
        session = Session(name, seed, redis=not asked.no_redis, browser=not asked.no_browser, say=progress)
        if asked.count is None:
            session.seconds = asked.minutes * 60 * _fuzzer(name).SHARE / whole
        else:
            session.count = asked.count
        sessions.append(session)
        try:
            _fuzzer(name).fuzz(session)
        except KeyboardInterrupt:
            stopped = True
        progress.end()
        _show(session)
        if stopped:
            print("Interrupted", file=sys.stderr)
            break
    found = sum(len(each.failures) for each in sessions)
    if asked.write and not stopped:
        given = sys.argv[1:] if arguments is None else arguments
        readme.write(sessions, " ".join(each for each in given if each != "--write"))
        print(f"Written: {readme.README.name}", file=sys.stderr)
    if found:
        print(
            f'{found} found; once more: make fuzz ARGS="--replay {FAILURES.parent.name}/{FAILURES.name}/…"',
            file=sys.stderr,
        )
    return 1 if found else 130 if stopped else 0


def _show(session: Session) -> None:
    figures = "".join(f"\n    {name}: {value}" for name, value in session.figures.items())
    took = time.monotonic() - session.began
    print(f"{session.name}: {session.done:,} cases in {took:.0f} s, {len(session.failures)} found{figures}")
    for key, failure in session.failures.items():
        path = failure.write()
        print(f"  {failure}\n    met {session.hits[key]} times; {path.relative_to(FAILURES.parent.parent)}")
    sys.stdout.flush()


def _replay(path: Path) -> int:
    try:
        failure = Failure.read(path)
        fuzzer = _fuzzer(failure.fuzzer)
    except (OSError, ValueError, TypeError, ModuleNotFoundError) as error:
        print(f"{path} is no failure that can be replayed: {error}", file=sys.stderr)
        return 2
    what = fuzzer.replay(failure.case)
    print(f"{failure.fuzzer}: {what or 'does no harm (any more)'}")
    return 0 if what is None else 1


def _fuzzer(name: str) -> ModuleType:
    if name not in NAMES:
        raise ValueError(f"there is no fuzzer {name!r}")
    return importlib.import_module(f"fuzzing.{name}")


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < 100_000:
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return number


if __name__ == "__main__":
    sys.exit(main())
