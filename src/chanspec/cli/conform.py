"""``chanspec conform``: does a running server, or an application in this process, keep its AsyncAPI document?"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from chanspec.cli import applications, documents
from chanspec.problems import near_match
from chanspec.terminal import shown

if TYPE_CHECKING:
    from chanspec.conformance.document import Api
    from chanspec.conformance.findings import Report
    from chanspec.conformance.options import Options
    from chanspec.conformance.transport import Handshake, Target

HELP = "send made-up messages to a server or application, and see whether it keeps its AsyncAPI document"

DESCRIPTION = """\
Make valid and nearly valid messages from an AsyncAPI document alone, send them, and check what comes:

  a valid message gets no validation error, and its promised reply comes;
  an invalid one gets the documented error; no connection is closed, no handler fails;
  whatever is sent is in the document, and as the document has it;
  frames that are not JSON, huge, nested deeply or binary do no harm.

Every finding is small and comes with the command that shows it again.

TARGET is one of
  module:attribute           an ASGI application, run in this process
  (nothing)                  the Django project of DJANGO_SETTINGS_MODULE or --settings, likewise
  ws://127.0.0.1:8000        a running server, with --document; also with the path of one channel, or with what comes
                             before the addresses of channels in place of the document's own pathname (/ for none)
  http://127.0.0.1:8000/ws-docs/asyncapi.json
                             the document of a running server

It sends garbage, and handlers really run: use a database that may be filled with it. Servers on other machines are
refused unless --allow-remote names them.
"""
EXAMPLES = """\
examples:
  an application, whose document is made from its consumers:
    chanspec conform shop.main:app --query token=$TOKEN

  a running server:
    chanspec conform http://127.0.0.1:8000/ws-docs/asyncapi.json --cookie sessionid=$SESSIONID

  one channel of it, whose address has a parameter:
    chanspec conform ws://127.0.0.1:8000 --document asyncapi.yaml --channel room --path room_id=lobby

  again what an earlier run found:
    chanspec conform shop.main:app --seed 7 --action buy --message '{"action": "buy", "count": 0}'

exit code: 0 nothing found, 1 findings, 130 stopped by Ctrl-C, 2 wrong usage, or something that could not be tried, or
nothing to try
"""
_ADDRESS = re.compile(r"[A-Za-z0-9.-]+:[0-9]+(/.*)?", re.ASCII)
"""A host and a port without ``ws://``: the attribute of a module is no number."""

OK, FOUND, UNUSABLE, INTERRUPTED = 0, 1, 2, 130
LONGEST_ERROR = 2000


class UsageError(ValueError):
    """The command line cannot be followed; ``str()`` says why, in one line."""


@dataclass(frozen=True)
class _Server:
    """A running server, by the address that was given."""

    base: str
    path: str
    query: Sequence[tuple[str, str]]
    document: str | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give a parser the command's arguments."""
    parser.description, parser.epilog = DESCRIPTION, EXAMPLES
    parser.add_argument("target", nargs="?", metavar="TARGET", help="an application or a server, see above")
    parser.add_argument("--document", metavar="FILE|URL", help="the document; a URL must be on the server's host")
    parser.add_argument("--perspective", choices=("server", "client"), help="whose the document is, if it does not say")

    handshake = parser.add_argument_group("what the client says when it connects")
    for name, what in (
        ("path", "a parameter of channel addresses"),
        ("query", "a parameter of the query"),
        ("header", "a header"),
        ("cookie", "a cookie"),
    ):
        handshake.add_argument(
            f"--{name}", action="append", default=[], type=_pair, metavar="NAME=VALUE", help=f"{what}; repeatable"
        )
    handshake.add_argument("--origin", help="the Origin header; empty for none (default: the server itself)")

    choice = parser.add_argument_group("what is tried")
    choice.add_argument(
        "--action",
        action="append",
        default=[],
        metavar="NAME",
        help="only this action or operation; * matches anything",
    )
    choice.add_argument("--channel", action="append", default=[], metavar="KEY", help="only this channel; likewise")
    choice.add_argument(
        "--exclude", action="append", default=[], metavar="NAME", help="leave this action, operation or channel out"
    )
    choice.add_argument("--message", action="append", default=[], metavar="JSON", help="send this, and nothing made up")
    choice.add_argument("--frame", metavar="NAME", help="send only this frame that is no message, as `not-json`")

    limits = parser.add_argument_group("limits")
    limits.add_argument("--seed", type=int, help="what messages are made from; the same makes the same (default: any)")
    limits.add_argument(
        "--max-examples",
        type=_positive,
        default=60,
        metavar="N",
        help="valid messages for an action, and as many invalid ones (60)",
    )
    limits.add_argument(
        "--max-seconds",
        type=_seconds,
        default=60.0,
        metavar="S",
        help="how long it may take, reading and making messages included (60)",
    )
    limits.add_argument(
        "--reply-timeout", type=_seconds, default=5.0, metavar="S", help="how long a promised reply may take (5)"
    )

    parser.add_argument(
        "--allow-remote", action="append", default=[], metavar="HOST", help="a host that may be sent garbage"
    )
    parser.add_argument(
        "--settings", metavar="MODULE", help="the Django project's settings: sets DJANGO_SETTINGS_MODULE"
    )


def run(options: argparse.Namespace) -> int:
    """Try everything; the exit code."""
    if options.settings:
        os.environ[applications.SETTINGS] = options.settings
    try:
        report, is_stopped = _run(options)
    except ImportError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in ("hypothesis", "websockets"):
            raise
        return _fail(f'conformance runs need {missing}: pip install "chanspec[conform]"')
    except (UsageError, applications.ApplicationError, documents.DocumentUnreadableError) as error:
        return _fail(str(error))
    print(report)
    if is_stopped:
        return INTERRUPTED
    if report.findings:
        return FOUND
    return UNUSABLE if report.untested or not report.messages else OK


def _run(options: argparse.Namespace) -> tuple[Report, bool]:
    """The report, and whether the run was stopped by hand."""
    from chanspec.cli.progress import observer
    from chanspec.conformance import run as runs
    from chanspec.conformance.budget import Budget
    from chanspec.conformance.document import read
    from chanspec.conformance.schemas import DocumentError
    from chanspec.conformance.transport import Handshake, TargetError
    from chanspec.discovery import NotDiscoveredError

    if options.message and not options.action:
        raise UsageError("--message needs --action: it says which action the message is of")
    handshake = Handshake(dict(options.path), options.query, options.header, dict(options.cookie), options.origin)
    seed = random.randrange(2**32) if options.seed is None else options.seed  # noqa: S311 - to be repeated
    if options.target and _ADDRESS.fullmatch(options.target):
        address = options.target
        raise UsageError(f"{address!r} is no address; write ws://{address} and --document, or http:// and the document")
    try:
        server = _server(options) if options.target and "://" in options.target else None
        app = None if server else applications.load(options.target)
        api = read(_document(options, server, app), options.perspective, Budget(options.max_seconds))
        if server:
            api = _placed(server, api)
        target, chosen = _target(server, app, api, handshake, _options(options, seed, handshake))
        _check_names(api, chosen)
        with _stoppable() as is_stopped:
            return runs.run(api, target, chosen, observer(), is_stopped), is_stopped()
    except (DocumentError, TargetError, NotDiscoveredError) as error:
        raise UsageError(str(error)) from error


@contextmanager
def _stoppable() -> Iterator[Callable[[], bool]]:
    """Let the first Ctrl-C end the run as its time would; the next one is the usual.

    One that is raised wherever the run happens to be could be lost in the application's own code.
    """
    is_stopped = False

    def stop(*_: Any) -> None:
        nonlocal is_stopped
        is_stopped = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        print("stopping; Ctrl-C again stops at once", file=sys.stderr)

    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    before = signal.signal(signal.SIGINT, stop)
    try:
        yield lambda: is_stopped
    finally:
        signal.signal(signal.SIGINT, before)


def _options(options: argparse.Namespace, seed: int, handshake: Handshake) -> Options:
    from chanspec.conformance.options import Options

    return Options(
        seed=seed,
        max_examples=options.max_examples,
        max_seconds=options.max_seconds,
        reply_seconds=options.reply_timeout,
        handshake=handshake,
        only=options.action,
        channels=options.channel,
        exclude=options.exclude,
        messages=options.message,
        frame=options.frame,
        command=_command(options),
    )


def _command(options: argparse.Namespace) -> tuple[str, ...]:
    """The command without what a finding adds. Values that may be secrets are named only: output is kept and shared."""
    words = ["chanspec", "conform", *([options.target] if options.target else [])]
    for name in ("settings", "document", "perspective", "origin"):
        if (value := getattr(options, name)) is not None:
            words += [f"--{name}", value]
    words += [word for name, value in options.path for word in ("--path", f"{name}={value}")]
    for kind in ("query", "header", "cookie"):
        for name, _ in getattr(options, kind):
            words += [f"--{kind}", f"{name}=${re.sub(r'[^A-Za-z0-9]', '_', name).upper()}"]
    for host in options.allow_remote:
        words += ["--allow-remote", host]
    if options.reply_timeout != 5.0:
        words += ["--reply-timeout", f"{options.reply_timeout:g}"]
    return tuple(words)


def _server(options: argparse.Namespace) -> _Server:
    parts = urlsplit(options.target)
    scheme = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}.get(parts.scheme)
    if scheme is None or not parts.hostname:
        raise UsageError(
            f"{options.target!r} is no address of a server; write ws://host:port, or http:// and the document"
        )
    if parts.username or parts.password:
        raise UsageError("an address with a password in it shows it to everybody; pass --header Authorization=…")
    _check_host(parts.hostname, options.allow_remote)
    base = f"{scheme}://{parts.netloc}"
    if parts.scheme in ("http", "https"):
        if options.document:
            raise UsageError("an http address is the document's own; with --document, write ws://host:port")
        return _Server(base, "", (), options.target)
    if not options.document:
        raise UsageError(
            f"the document of {options.target} is needed: --document FILE, or its address in place of this one"
        )
    return _Server(base, parts.path, parse_qsl(parts.query, keep_blank_values=True), options.document)


def _check_host(host: str, allowed: Sequence[str]) -> None:
    from chanspec.conformance.remote import is_loopback

    if not is_loopback(host) and host.casefold() not in {each.casefold() for each in allowed}:
        raise UsageError(f"{host} is not this machine, and a run sends garbage; --allow-remote {host} allows it")


def _document(options: argparse.Namespace, server: _Server | None, app: Any) -> Any:
    source = options.document if server is None else server.document
    if source is None:
        from chanspec.discovery import document_of

        return document_of(app)
    parts = urlsplit(source)
    if parts.scheme not in ("http", "https"):
        return documents.from_file(source)
    here = urlsplit(server.base).hostname if server else None

    def may_ask(host: str) -> bool:
        from chanspec.conformance.remote import is_loopback

        return host == here or is_loopback(host) or host in options.allow_remote

    if not may_ask(parts.hostname or ""):
        raise UsageError(f"the document is on {parts.hostname}, not on the server's host; fetch it, and pass the file")
    return documents.from_url(source, may_ask)


def _target(
    server: _Server | None, app: Any, api: Api, handshake: Handshake, options: Options
) -> tuple[Target, Options]:
    if server is None:
        from chanspec.conformance.in_process import InProcess

        return InProcess(app, handshake), options
    from chanspec.conformance.remote import Remote

    handshake = replace(handshake, query=[*server.query, *handshake.query])
    base = server.base
    if server.path.strip("/"):
        key, values = _channel_at(api, unquote(server.path))
        if key is None:
            base += server.path.rstrip("/")
        else:
            handshake = replace(handshake, path={**values, **handshake.path})
            options = replace(options, channels=[key])
    return Remote(base, handshake), replace(options, handshake=handshake)


def _placed(server: _Server, api: Api) -> Api:
    """The document with whole paths, unless the address says where channels are: ``ws://host/`` or ``ws://host/base``."""
    from chanspec.conformance.placing import placed

    whole = placed(api, server.base)
    says_where = server.path and (server.path == "/" or _channel_at(whole, unquote(server.path))[0] is None)
    return api if says_where else whole


def _channel_at(api: Api, path: str) -> tuple[str | None, dict[str, str]]:
    """The channel whose address a path is, with the values of its parameters."""
    for channel in api.channels:
        if not _is_plain(channel.address):
            continue
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(channel.address))
        try:
            found = re.fullmatch(pattern, path)
        except re.error:
            continue
        if found:
            return channel.key, found.groupdict()
    return None, {}


def _is_plain(address: str) -> bool:
    """Whether an address has two parameters between slashes at most: a pattern of many backtracks without end."""
    return all(part.count("{") <= 2 for part in address.split("/"))


def _check_names(api: Api, options: Options) -> None:
    """Refuse names that the document does not have: a run that tries nothing would find nothing."""
    from fnmatch import fnmatchcase

    channels = {each.key for each in api.channels}
    actions = {
        name for each in api.channels for action in each.actions for name in (action.message.value, action.operation)
    }
    for patterns, known, kind in (
        (options.only, channels | actions, "action"),
        (options.channels, channels, "channel"),
        (options.exclude, channels | actions, "action or channel"),
    ):
        for pattern in patterns:
            if not any(fnmatchcase(each, pattern) for each in known):
                hint = (
                    near_match(pattern, known)
                    or f"; it has {', '.join(shown(each, 60) for each in sorted(known)[:12])}"
                )
                raise UsageError(f"the document has no {kind} {pattern!r}{hint}")
    if options.frame is not None:
        from chanspec.conformance.noise import noises

        frames = [each.name for each in noises("action")]
        if options.frame not in frames:
            raise UsageError(
                f"there is no frame {options.frame!r}{near_match(options.frame, frames)}; there are {', '.join(frames)}"
            )


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    if any(ord(each) < 32 or ord(each) == 127 for each in text):
        raise argparse.ArgumentTypeError(f"the value of {name!r} has control characters")
    return name.strip(), value


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no positive number")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.0 < seconds < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return seconds


def _fail(text: str) -> int:
    print(f"chanspec conform: error: {shown(text, LONGEST_ERROR, ascii_only=False)}", file=sys.stderr)
    return UNUSABLE
