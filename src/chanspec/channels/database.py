"""Keeps Django's promise of live database connections for consumers, whose "requests" are messages.

Django closes connections that are too old, or that failed, before and after each request, and checks their health
once a request where ``CONN_HEALTH_CHECKS`` says so (``django.db.close_old_connections``). That must be done in the
thread that has the connections, and a hop there costs more than a message. So it is done only when there is something
to do, which can be seen from outside.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Awaitable
from typing import Any
from weakref import WeakSet

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.db.backends.signals import connection_created

_opened: WeakSet[Any] = WeakSet()
_lock = threading.Lock()


class DatabaseCare:
    """What is done around every handler and hook of a consumer on Django.

    Each method returns None, after reading a few attributes, unless a connection is due.
    """

    def before(self) -> Awaitable[None] | None:
        """Give the handler what a request gets: no connection that is too old, failed, or unchecked."""
        return _close_old() if _opened and any(_is_due(each) or _is_unchecked(each) for each in list(_opened)) else None

    def after(self) -> Awaitable[None] | None:
        """Keep no connection longer than ``CONN_MAX_AGE`` says, 0 seconds by default."""
        return _close_old() if _opened and any(_is_due(each) for each in list(_opened)) else None


def _is_due(connection: Any) -> bool:
    """Whether Django would close it now, or ask whether it still works."""
    if connection.connection is None or connection.in_atomic_block:
        return False
    return bool(connection.errors_occurred or (connection.close_at is not None and time.monotonic() >= connection.close_at))


def _is_unchecked(connection: Any) -> bool:
    """Whether it was used since its health was checked, in a project that wants it checked."""
    if connection.connection is None or connection.in_atomic_block:
        return False
    return bool(connection.health_check_enabled and connection.health_check_done)


async def _close_old() -> None:
    await sync_to_async(_close_old_here, thread_sensitive=True)()


def _close_old_here() -> None:
    close_old_connections()
    # Those of other threads are theirs to close, and would bring every message here.
    with _lock:
        for connection in list(_opened):
            if connection._thread_ident != threading.get_ident():
                _opened.discard(connection)


def _remember(*, connection: Any, **_: Any) -> None:
    with _lock:
        _opened.add(connection)


connection_created.connect(_remember, dispatch_uid="chanspec.channels.database")
