"""Figures of chanspec alone: building documents, and what checking frames against the contract costs.

Those are measured in :mod:`benchmarks.document` and :mod:`benchmarks.contract`, which are imported in the measuring
process only, so that each figure is that of a fresh one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from benchmarks.contenders import Contender
from benchmarks.figures import Target, figure
from benchmarks.scenario import Metric, Options, Scenario

MESSAGES = 40_000
"""For a second of measuring."""

PAIRS = 5
"""With and without the middleware in turns, whose difference is small beside either."""

TYPED = Contender("typed", "chanspec, a message answered", "")
MIDDLEWARE = Contender("middleware", "each of its two frames through the middleware, in addition", "", ours=True)
KINDS = ("typed, out", "dataclass, in", "schema, in")


def contract(contender: Contender, options: Options) -> dict[str, float]:
    """Seconds for a message that is answered, or for checking a frame."""
    from benchmarks import contract as measuring

    messages = max(500, round(MESSAGES * options.seconds))
    bare = measuring.Typed.as_asgi()
    if contender.key == TYPED.key:
        return {"frame": asyncio.run(measuring.answered(bare, messages)) / 1e6}
    if contender.key == MIDDLEWARE.key:
        checking = measuring.ContractMiddleware(bare, mode="warn")
        longer = [
            asyncio.run(measuring.answered(checking, messages // PAIRS))
            - asyncio.run(measuring.answered(bare, messages // PAIRS))
            for _ in range(PAIRS)
        ]
        return {"frame": figure(longer).median / 2 / 1e6}
    kinds = measuring.frames_of(measuring.checker_of(measuring.Typed), measuring.checker_of(measuring.Annotated))
    return {"frame": measuring.checked(*kinds[contender.key], messages) / 1e6}


ALONE = Contender("alone", "pydantic's part: the schema of each message", "")
BUILT = Contender("built", "chanspec: the document", "", ours=True)
TWICE = Contender("twice", "chanspec: the document of twice as many", "", ours=True)
DJANGO = Contender("django", "chanspec: Django's view", "", ours=True)
VIEW = Contender("starlette", "chanspec: Starlette's endpoint", "", ours=True)


def document(contender: Contender, options: Options) -> dict[str, float]:
    """Seconds for a document whose messages have a payload class each."""
    return _document(contender, options.consumers, shared=False)


def document_of_one_payload(contender: Contender, options: Options) -> dict[str, float]:
    """Seconds for a document whose messages have one payload class."""
    return _document(contender, options.consumers, shared=True)


def _document(contender: Contender, consumers: int, *, shared: bool) -> dict[str, float]:
    from benchmarks import document as measuring

    work = measuring.by_pydantic if contender.key == ALONE.key else measuring.as_dict
    taken = work(2 * consumers if contender.key == TWICE.key else consumers, shared)
    return {"seconds": taken, "growth": taken}


def served(contender: Contender, options: Options) -> dict[str, float]:
    """Seconds for a first and for a second request."""
    from benchmarks import document as measuring

    ask = measuring.on_django if contender.key == DJANGO.key else measuring.on_starlette
    first, second = ask(options.consumers, False)
    return {"first": first, "second": second}


def _documents(key: str, payloads: str, measure: Callable[[Contender, Options], dict[str, float]]) -> Scenario:
    return Scenario(
        key,
        f"Ten messages a consumer, with {payloads}; in a fresh process, as a first request has it.",
        (
            Metric(
                "seconds",
                f"Building the document of {{consumers}} consumers, {payloads}",
                "ms",
                1e3,
                floor=None,
                targets={BUILT.key: Target(1_000, of_ratio=False)},
            ),
            Metric(
                "growth",
                f"Building that of twice as many, {payloads}; the floor is that of {{consumers}}",
                "ms",
                1e3,
                floor=BUILT.key,
                targets={TWICE.key: Target(2.2)},
                only=(TWICE.key,),
            ),
        ),
        (ALONE, BUILT, TWICE),
        measure,
        set_up=2.0,
    )


SCENARIOS = (
    _documents("document", "a payload class for each message", document),
    _documents("document-one", "one payload class", document_of_one_payload),
    Scenario(
        "served",
        "The view finds the consumers itself; the second figure is the median of 50 requests for what has not changed.",
        (
            Metric("first", "A first request for the document of {consumers} consumers", "ms", 1e3, floor=None),
            Metric("second", "A second request, nothing has changed", "ms", 1e3, floor=None),
        ),
        (DJANGO, VIEW),
        served,
        set_up=3.0,
    ),
    Scenario(
        "contract",
        "In process. The middleware's part is half of what a message that is answered takes longer with it; the other "
        "rows check one frame that keeps the contract.",
        (
            Metric(
                "frame",
                "A frame checked by ContractMiddleware; the floor is chanspec without it",
                "µs",
                1e6,
                floor=TYPED.key,
                targets={MIDDLEWARE.key: Target(3)},
            ),
        ),
        (TYPED, MIDDLEWARE, *(Contender(kind, f"one frame: {kind}", "") for kind in KINDS)),
        contract,
    ),
)
