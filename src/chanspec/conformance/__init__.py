"""Does a server keep its AsyncAPI document? Messages are made from the document alone, sent, and what comes is checked.

    def test_the_chat_keeps_its_document() -> None:
        assert_conforms(app, query={"name": "Ada"}, path={"room_id": "lobby"})

``chanspec conform`` is the same on the command line. Needs ``pip install "chanspec[conform]"``.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chanspec.conformance.findings import Finding, Report
    from chanspec.conformance.in_process import ASGIApp

__all__ = ["Finding", "Report", "assert_conforms", "check"]

_LAZY = {"Finding": "chanspec.conformance.findings", "Report": "chanspec.conformance.findings"}


def check(
    app: ASGIApp,
    *,
    document: Mapping[str, Any] | None = None,
    path: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    cookies: Mapping[str, str] | None = None,
    origin: str | None = None,
    only: Sequence[str] = (),
    exclude: Sequence[str] = (),
    seed: int = 0,
    max_examples: int = 60,
    max_seconds: float = 30.0,
    reply_seconds: float = 5.0,
) -> Report:
    """Send valid and nearly valid messages to an application in this process, and report what is not as documented.

    The application really runs: handlers write to whatever database they are configured with. Call it in an ordinary
    test function; it has an event loop of its own.

    Args:
        app: The ASGI application, with its routing and middleware.
        document: The AsyncAPI 3 document; by default the one of the consumers that the application routes.
        path: Values of the parameters in channel addresses, by name.
        query: The query of every handshake.
        headers: Headers of every handshake.
        cookies: Cookies of every handshake.
        origin: The Origin header; by default that of the very host, ``http://localhost``.
        only: Names of actions, operations or channels to try, or patterns of them (``ride_*``); by default all.
        exclude: The same, to leave out.
        seed: What the messages are made from. The same seed makes the same messages.
        max_examples: How many valid messages, and as many invalid ones, each action gets at most.
        max_seconds: How long it may take, reading the document and making messages included. What was sent then is
            still waited for.
        reply_seconds: How long a promised reply may take.

    Returns:
        The report: ``findings``, what could not be tried (``untested``), and as text both.

    Raises:
        DocumentError: The document is not AsyncAPI 3, or is broken.
        TargetError: The application does not start, or there is nothing to try.
        RuntimeError: It is called in a running event loop.
    """
    _require("hypothesis")
    from chanspec.conformance.budget import Budget
    from chanspec.conformance.document import read
    from chanspec.conformance.in_process import InProcess
    from chanspec.conformance.options import Options
    from chanspec.conformance.run import run
    from chanspec.conformance.transport import Handshake

    if document is None:
        from chanspec.discovery import document_of

        document = document_of(app)
    handshake = Handshake(path or {}, list((query or {}).items()), list((headers or {}).items()), cookies or {}, origin)
    options = Options(
        seed=seed,
        max_examples=max_examples,
        max_seconds=max_seconds,
        reply_seconds=reply_seconds,
        handshake=handshake,
        only=only,
        exclude=exclude,
    )
    return run(read(document, budget=Budget(max_seconds)), InProcess(app, handshake), options)


def assert_conforms(app: ASGIApp, **options: Any) -> None:
    """Fail with every finding, if there is any.

    Args:
        app: The ASGI application, with its routing and middleware.
        options: The other arguments of :func:`check`.

    Raises:
        AssertionError: The application does not keep its document, or a channel could not be tried.
    """
    __tracebackhide__ = True
    report = check(app, **options)
    if not report.ok:
        raise AssertionError(f"the application does not keep its document\n\n{report}")


def _require(*modules: str) -> None:
    """See that what the extra brings is there; an ``ImportError`` names the extra."""
    for name in modules:
        try:
            importlib.import_module(name)
        except ImportError as error:
            raise ImportError(f'conformance runs need {name}: pip install "chanspec[conform]"', name=name) from error


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(importlib.import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
