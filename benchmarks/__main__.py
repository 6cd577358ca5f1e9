"""``make bench``: measures chanspec, its peers and the floor side by side, prints one table, and keeps it.

A whole run writes the table to benchmarks/RESULTS.md, what each run found to benchmarks/results.json, and the charts to
docs/images; all at its end, so that an interrupted run changes nothing. Of a part of a run the table is only printed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import charts, machine, processors, progress, redis_server, results
from benchmarks.harness import Results, as_json, from_json, run
from benchmarks.scenario import QUICK, STOOD_STILL, Options, Scenario
from benchmarks.scenarios import SCENARIOS
from benchmarks.table import rows, show

RAW = Path(__file__).parent / "results.json"

APART = "benchmarks-apart"
"""The part of the results that was measured on another machine than the rest."""

RUNS = 5
QUICK_RUNS = 1

IDLE_LOAD = 0.7
"""What an idle machine's load may be."""

BUSY = 0.85
"""The part of the time that a server should be on a processor, to be what is measured."""

STILL = 0.005
"""Seconds that clients may stand still, where it is measured how long they wait."""

NO_WHOLE_RUN = f"There is no {RAW.name} yet; a whole run writes it: make bench"

EXAMPLES = """\
scenarios:
{scenarios}

examples:
  make bench                                 everything; three quarters of an hour, on an idle machine
  make bench ARGS="--quick"                  one short run of everything, to see that it works; the figures say little
  make bench ARGS="--only echo"              one scenario, five runs
  make bench ARGS="--only echo --only fanout --runs 3 --who floor --who chanspec"
  make bench ARGS="--only outage --keep"     one scenario anew, within the results of the last whole run
  make bench ARGS="--only flood --apart"     one scenario, beside the results of another machine
  make bench ARGS="--redraw"                 the table and the charts anew, from what the last whole run found

The figures of a busy machine are worth little: the table says how far apart the runs were.
"""


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    listed = "\n".join(f"  {each.key:19} {_title(each)}" for each in SCENARIOS)
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        epilog=EXAMPLES.format(scenarios=listed),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [each.key for each in SCENARIOS]
    parser.add_argument(
        "--only", action="append", choices=names, metavar="SCENARIO", help="measure it; may be repeated"
    )
    parser.add_argument("--skip", action="append", choices=names, metavar="SCENARIO", help="do not; may be repeated")
    parser.add_argument(
        "--who", action="append", metavar="NAME", help="measure who begins with NAME, and the floor; may be repeated"
    )
    parser.add_argument("--runs", type=_positive(int), metavar="N", help=f"turns of each scenario; {RUNS} by default")
    parser.add_argument(
        "--seconds", type=_positive(float), metavar="S", help=f"for one measurement; {Options().seconds:g} by default"
    )
    parser.add_argument("--quick", action="store_true", help="one run, a tenth of a second each, fewer connections")
    parser.add_argument(
        "--keep",
        action="store_true",
        help="write what is measured into the results of the last whole run, which must be this machine's",
    )
    parser.add_argument(
        "--apart",
        action="store_true",
        help="write what is measured to a part of RESULTS.md of its own, which the next whole run replaces: for "
        "another machine than the last whole run's",
    )
    parser.add_argument("--redraw", action="store_true", help="measure nothing: use results.json of the last whole run")
    return parser.parse_args(arguments)


def _title(scenario: Scenario) -> str:
    title = scenario.metrics[0].title.format(**Options().as_dict())
    return f"{title} (takes long: by --only alone)" if scenario.on_request else title


def chosen(options: argparse.Namespace) -> list[Scenario]:
    """The scenarios, and their contenders, that the command line asks for."""
    found = []
    for scenario in SCENARIOS:
        wanted = scenario.key in options.only if options.only else not scenario.on_request
        if not wanted or scenario.key in (options.skip or ()):
            continue
        contenders = scenario.contenders
        if options.who:
            floors = {metric.floor for metric in scenario.metrics}
            contenders = tuple(
                each for each in contenders if each.key in floors or each.key.startswith(tuple(options.who))
            )
        if contenders:
            found.append(replace(scenario, contenders=contenders))
    return found


def main() -> int:
    """Measure, print, and write. Returns the exit code."""
    asked = parsed()
    console = Console()
    if asked.redraw:
        return _redraw(console)
    scenarios = chosen(asked)
    if not scenarios:
        print("Nothing is left to measure; see --help for the scenarios", file=sys.stderr)
        return 2
    needs_redis = any(contender.needs_redis for each in scenarios for contender in each.contenders)
    if needs_redis and shutil.which("redis-server") is None:
        print(f"{redis_server.MISSING}, or leave out what needs it: --skip fanout …", file=sys.stderr)
        return 2
    options = QUICK if asked.quick else Options()
    if asked.seconds is not None:
        options = replace(options, seconds=asked.seconds)
    runs = asked.runs or (QUICK_RUNS if asked.quick else RUNS)
    is_kept = runs >= RUNS and not (asked.who or asked.quick)
    is_whole = is_kept and not (asked.only or asked.skip)
    if (asked.keep or asked.apart) and not is_kept:
        option = "--keep" if asked.keep else "--apart"
        print(f"{option} needs {RUNS} runs and all contenders: leave out --who, --quick and --runs", file=sys.stderr)
        return 2
    if asked.keep and not RAW.exists():
        print(NO_WHOLE_RUN, file=sys.stderr)
        return 2
    if asked.keep:
        _demand_same(json.loads(RAW.read_text()), _circumstances(runs, options))
    try:
        with _ending_in_order():
            kept = _measure(scenarios, runs, options, needs_redis)
    except KeyboardInterrupt:
        print(f"\nInterrupted; {results.RESULTS.name} is as it was", file=sys.stderr)
        return 130
    found = rows(scenarios, from_json(kept["found"]), options)
    show(found, console)
    for complaint in kept["complaints"]:
        print(f"Note: {complaint}", file=sys.stderr)
    if asked.apart:
        names = " ".join(f"--only {each.key}" for each in scenarios)
        _write_part(APART, kept, scenarios, title="Measured apart", command=f'make bench ARGS="{names} --apart"')
        print(f"Written: {results.RESULTS.name}", file=sys.stderr)
        return 0
    if asked.keep:
        kept = _joined(json.loads(RAW.read_text()), kept)
    if is_whole or asked.keep:
        results.replace(RAW, json.dumps(kept, indent=1) + "\n")
        _write(kept, [each for each in SCENARIOS if each.key in kept["found"]])
        if is_whole:
            results.remove_part(APART)
        print(f"Written: {results.RESULTS.name}, {RAW.name}, {', '.join(charts.NAMES)}", file=sys.stderr)
    return 0


@contextlib.contextmanager
def _ending_in_order() -> Iterator[None]:
    """Have both signals that end a command raise ``KeyboardInterrupt``, so that what it started is ended too."""
    before = {each: signal.signal(each, signal.default_int_handler) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _measure(scenarios: Sequence[Scenario], runs: int, options: Options, needs_redis: bool) -> dict[str, Any]:
    """Everything that the table, the charts and ``--redraw`` need."""
    with processors.first_left(), contextlib.ExitStack() as stack:
        redis_version = None
        if needs_redis:
            options = replace(options, redis=stack.enter_context(redis_server.running_redis()))
            redis_version = redis_server.version(options.redis or "")
        load = machine.load()
        watch = stack.enter_context(progress.shown(scenarios, runs))
        found = run(scenarios, runs, options, watch)
    return {
        **_circumstances(runs, options),
        "redis": redis_version,
        "complaints": _complaints(found, load),
        "found": as_json(found),
    }


def _circumstances(runs: int, options: Options) -> dict[str, Any]:
    """What figures have to have in common to stand in one table, and is known before they are measured."""
    return {
        "runs": runs,
        "options": replace(options, redis=None).as_dict(),
        "machine": machine.machine(),
        "versions": machine.versions(),
    }


def _demand_same(whole: dict[str, Any], part: dict[str, Any]) -> None:
    """End the command unless some results, or what is known before them, go with those of a whole run."""
    for name in ("runs", "options", "machine", "versions", "redis"):
        if part.get(name) is not None and part[name] != whole[name]:
            sys.exit(f"Not kept: the last whole run had other {name}, {whole[name]} and not {part[name]}")


def _joined(whole: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """The results of a whole run with those of some scenarios that were measured anew."""
    _demand_same(whole, part)
    anew = f"of {', '.join(part['found'])}, measured later: "
    complaints = list(dict.fromkeys((*whole["complaints"], *(anew + each for each in part["complaints"]))))
    return {**whole, "complaints": complaints, "found": {**whole["found"], **part["found"]}}


def _complaints(found: Results, load: float) -> list[str]:
    """Why the figures may be worth less than they look."""
    complaints = []
    if load > IDLE_LOAD:
        complaints.append(f"the machine was not idle before the first measurement: its load was {load:.1f}")
    for scenario, each in found.items():
        still = [turn[STOOD_STILL] for one in each.values() for turn in one.turns if turn and STOOD_STILL in turn]
        if still and max(still) > STILL:
            complaints.append(
                f"in {scenario}, the clients' own process stood still for up to {max(still) * 1000:.0f} ms, so that "
                "some of the longest waits are not the server's"
            )
        busy = {key: [turn["busy"] for turn in one.turns if turn and "busy" in turn] for key, one in each.items()}
        waited = {key: max(shares) for key, shares in busy.items() if shares and max(shares) < BUSY}
        if waited:
            named = ", ".join(f"{key} {share:.0%}" for key, share in waited.items())
            complaints.append(
                f"in {scenario}, these servers were on a processor for less than {BUSY:.0%} of the time, so they "
                f"waited for their clients, a layer, or the machine: {named}"
            )
    return complaints


def _write(kept: dict[str, Any], scenarios: Sequence[Scenario]) -> None:
    options, found = Options(**kept["options"]), from_json(kept["found"])
    drawn = charts.drawn(scenarios, found, options)
    for path, svg in drawn.items():
        results.replace(path, svg)
    _write_part("benchmarks", kept, scenarios)


def _write_part(name: str, kept: dict[str, Any], scenarios: Sequence[Scenario], **texts: str) -> None:
    options, found = Options(**kept["options"]), from_json(kept["found"])
    about = [f"*{each.key}*: {each.about.format(**options.as_dict())}" for each in scenarios]
    text = results.part(
        rows(scenarios, found, options),
        about=[*about, *(f"*Note*: {each}." for each in kept["complaints"])],
        machine=kept["machine"],
        versions=kept["versions"],
        redis=kept["redis"],
        runs=kept["runs"],
        **texts,
    )
    results.write_part(name, text)


def _redraw(console: Console) -> int:
    if not RAW.exists():
        print(NO_WHOLE_RUN, file=sys.stderr)
        return 2
    kept = json.loads(RAW.read_text())
    scenarios = [each for each in SCENARIOS if each.key in kept["found"]]
    show(rows(scenarios, from_json(kept["found"]), Options(**kept["options"])), console)
    _write(kept, scenarios)
    return 0


def _positive(kind: type[int] | type[float]) -> Any:
    def read(text: str) -> float:
        number = kind(text)
        if not 0 < number < 1_000_000:
            raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
        return number

    read.__name__ = kind.__name__
    return read


if __name__ == "__main__":
    sys.exit(main())
