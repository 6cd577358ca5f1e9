"""Keeps Django's promise of live database connections for consumers, whose "requests" are messages.

Before and after each request Django closes the connections of its thread that are too old or that failed, and has
them checked again where ``CONN_HEALTH_CHECKS`` says so (``django.db.close_old_connections``). A message's handler gets
the same. But connections belong to a thread, and a hop there costs more than a message: so each handler's queries are
noted, and the thread is visited only when there is something to do, which can be seen from outside.

So consumers need no more than Django's async queries and ``sync_to_async``. Channels' ``database_sync_to_async`` works
as well, but closes what other handlers of the same thread are reading from, where ``CONN_MAX_AGE`` is 0.
"""

from __future__ import annotations

import asyncio
import contextvars
import itertools
import threading
import weakref
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connections
from django.db.backends.signals import connection_created

LONGEST_OVERLAP = 60.0
"""Seconds that a connection which is too old is kept for handlers that overlap and use it, so that none loses it."""

LOOK_EVERY = 1.0
"""Seconds between two looks at connections to which no query was sent."""

NO_ENGINE = "django.db.backends.dummy"

NEVER = float("inf")

RECENTLY = 1.0
"""Seconds for which a query of a handler that still runs shows that a connection works."""


class DatabaseCare:
    """What is done around every handler and hook of a consumer on Django.

    Both methods return None, after reading a few attributes, unless a connection is due.
    """

    @property
    def is_needed(self) -> bool:
        """Whether the project has a database; a project without ``DATABASES`` saves 0.8 µs a message."""
        return any(each["ENGINE"] != NO_ENGINE for each in connections.settings.values())

    def before(self) -> Awaitable[None] | None:
        """Give the handler what a request gets: no connection that is too old, that failed, or that is unchecked."""
        run = _run.get()
        if run is None or run.is_under_way:
            run = _Run(run)
            _run.set(run)
        run.is_under_way = True
        if monotonic() < _looking.next:
            return None
        return _tidy() if _looking.finds_any() else None

    def after(self) -> Awaitable[None] | None:
        """Keep no connection that the handler used longer than ``CONN_MAX_AGE`` says, 0 seconds by default."""
        run = _run.get()
        if run is None:
            return None
        run.is_under_way = False
        if run.outer is not None:
            _run.set(run.outer)
        if not run.used:
            return None
        used, run.used = run.used, ()
        for watched in used:
            watched.users.discard(id(run))
        _thread.set(used[-1].thread)
        now = monotonic()
        return _tidy() if any(watched.is_due(now) for watched in used) else None


class _Run:
    """The run of a handler or hook, and then of the next one in the same context: the connections it sent queries to.

    To make one for each message, and to put it into the context, would cost 0.3 µs. A handler that begins while another
    of its context is under way, inside it or beside it, has a run of its own. Queries of a task that a handler left
    behind count for the handler that is under way then, if there is one.
    """

    __slots__ = ("is_under_way", "outer", "used")

    def __init__(self, outer: _Run | None) -> None:
        self.outer = outer  # what the context goes back to
        self.is_under_way = False
        self.used: tuple[_Watched, ...] = ()


class _Looking:
    """When the connections are to be looked at before a handler.

    Attributes:
        next: The time of the next look. After a query it is now, else once in ``LOOK_EVERY``, so that what is done to a
            connection without a query is seen too.
    """

    def __init__(self) -> None:
        self.next = 0.0

    def finds_any(self) -> bool:
        """Whether a connection of this context's thread is due."""
        now = monotonic()
        self.next = now + LOOK_EVERY  # first: a query that is sent meanwhile asks for another look
        if not _by_thread:
            return False
        thread = _thread.get() or _known_thread()
        if thread is None:
            self.next = 0.0
            return True
        for watched in itertools.chain(*_by_thread.values()):
            self.next = 0.0 if watched.is_due(now) else min(self.next, watched.close_at())
        return self.next == 0.0 and any(watched.is_due(now) for watched in _by_thread.get(thread, ()))


class _Watched:
    """A connection of some thread. It is told of every query, and asked from the event loop whether it is due."""

    __slots__ = ("kept", "last", "reference", "thread", "users")

    def __init__(self, connection: Any) -> None:
        self.reference = weakref.ref(connection)
        self.thread = threading.get_ident()
        self.users: set[int] = set()  # the handlers that used it and still run
        self.last = 0.0
        self.kept: float | None = None  # its close_at, where it does not close: SQLite's in memory would lose all

    def note(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Note who sends a query, as one of the connection's ``execute_wrappers``."""
        _looking.next = 0.0
        run = _run.get()
        if run is not None and run.is_under_way:
            self.last = monotonic()
            if self not in run.used:
                self.users.add(id(run))
                run.used = (*run.used, self)
        return execute(sql, params, many, context)

    def is_due(self, now: float) -> bool:
        """Whether Django would close it at the end of a request, or check it at the beginning of the next."""
        connection = self.reference()
        if connection is None or connection.connection is None or connection.in_atomic_block:
            return False
        if connection.errors_occurred:
            return True
        if now >= (close_at := self.close_at()):
            return not self.users or now >= close_at + LONGEST_OVERLAP
        if not (connection.health_check_enabled and connection.health_check_done):
            return False
        return not self.users or now >= self.last + RECENTLY

    def close_at(self) -> float:
        """The time at which it is too old."""
        connection = self.reference()
        close_at = None if connection is None else connection.close_at
        return NEVER if close_at is None or close_at == self.kept else close_at


_looking = _Looking()
_run: contextvars.ContextVar[_Run | None] = contextvars.ContextVar("run", default=None)
_thread: contextvars.ContextVar[int | None] = contextvars.ContextVar("thread", default=None)
"""The thread that has the connections of the handlers in this context."""

_threads: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, int] = weakref.WeakKeyDictionary()
_by_thread: dict[int, tuple[_Watched, ...]] = {}
_lock = threading.Lock()


def _known_thread() -> int | None:
    """The thread that this event loop's database work goes to, if it was visited before."""
    thread = _threads.get(asyncio.get_running_loop())
    _thread.set(thread)
    return thread


async def _tidy() -> None:
    thread = await sync_to_async(_tidy_here, thread_sensitive=True)()
    _threads[asyncio.get_running_loop()] = thread
    _thread.set(thread)


def _tidy_here() -> int:
    """Do for the connections of this thread what ``close_old_connections`` does, but spare those in use."""
    for opened in connections.all(initialized_only=True):
        _watch(opened)
    thread, now = threading.get_ident(), monotonic()
    for watched in _by_thread.get(thread, ()):
        connection = watched.reference()
        if connection is not None and watched.is_due(now):
            _close_if_due(connection, now)
            watched.kept = None if connection.connection is None else connection.close_at
    return thread


def _close_if_due(connection: Any, now: float) -> None:
    if connection.errors_occurred or connection.close_at is None or now < connection.close_at:
        connection.close_if_unusable_or_obsolete()
    else:
        # That would close it too, but look at it first, which pytest-django forbids to tests without a database.
        connection.health_check_done = False
        connection.close()


def _watch(connection: Any, **_: Any) -> None:
    """Take up a connection of this thread, once."""
    thread = threading.get_ident()
    _looking.next = 0.0
    with _lock:
        for other, known in list(_by_thread.items()):
            left = tuple(watched for watched in known if watched.reference() is not None)
            if left:
                _by_thread[other] = left
            else:  # the thread has ended
                del _by_thread[other]
        own = _by_thread.get(thread, ())
        if any(watched.reference() is connection for watched in own):
            return
        watched = _Watched(connection)
        # First, because Django's `with connection.execute_wrapper(...)` removes whichever is the last.
        connection.execute_wrappers.insert(0, watched.note)
        _by_thread[thread] = (*own, watched)


connection_created.connect(_watch, dispatch_uid="chanspec.channels.database")
