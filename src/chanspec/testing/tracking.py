"""Knows which connections a test opened, and ends those that it left, in the test's own event loop."""

from __future__ import annotations

import contextvars
import functools
import warnings
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from chanspec.testing.failures import UnclosedCommunicatorWarning

if TYPE_CHECKING:
    from chanspec.testing.client import Client

CURE = "use `async with`, or call `await communicator.disconnect()` at the end"


class Tracker:
    """The connections of one test.

    Args:
        name: The test's.
        place: Its file and line, where it is known.
    """

    def __init__(self, name: str, place: tuple[str, int] | None = None) -> None:
        self.name = name
        self.place = place
        self._open: dict[Client, bool] = {}

    def opened(self, communicator: Client, *, is_kept: bool = False) -> None:
        """Take a connection up.

        Args:
            communicator: Its client's end.
            is_kept: Whether somebody else said to close it, so that the test need not.
        """
        self._open[communicator] = is_kept or self._open.get(communicator, False)

    def closed(self, communicator: Client) -> None:
        """Its test, or whoever else, ended it."""
        self._open.pop(communicator, None)

    async def finish(self, failure: BaseException | None = None) -> None:
        """End what is open, all of it whatever happens, and warn of what the test should have ended.

        Args:
            failure: What the test itself failed with, which goes before what is found here.

        Raises:
            Exception: What an application failed with, or a broken contract, if the test itself did not fail.
        """
        errors: list[BaseException] = []
        forgotten = []
        for communicator, is_kept in list(self._open.items()):
            if not is_kept and communicator.is_connected:
                forgotten.append(communicator.path)
            try:
                await communicator.disconnect()
            except Exception as error:
                errors.append(error)
        self._open.clear()
        if forgotten:
            try:
                self._warn(forgotten)
            except Warning as error:  # warnings are errors here
                errors.append(error)
        raise_or_note(errors, failure)

    def finish_outside(self) -> None:
        """End what is still open when no event loop is running: that of a sync test, which nothing else would end."""
        for communicator in list(self._open):
            loop = communicator.loop
            if loop is not None and not loop.is_closed() and not loop.is_running():
                loop.run_until_complete(communicator.disconnect())
        self._open.clear()

    def _warn(self, paths: list[str]) -> None:
        many = f"{len(paths)} connections" if len(paths) > 1 else "a connection"
        shown = ", ".join(dict.fromkeys(paths[:5]))
        text = f"{self.name} left {many} open ({shown}); {CURE}"
        if self.place is None:
            warnings.warn(text, UnclosedCommunicatorWarning, stacklevel=2)
        else:
            warnings.warn_explicit(text, UnclosedCommunicatorWarning, *self.place)


def raise_or_note(errors: list[BaseException], failure: BaseException | None) -> None:
    """Raise what was found at the end, or add it to what a test failed with."""
    if failure is not None:
        for error in errors:
            failure.add_note(f"{type(error).__name__}: {error}")
    elif len(errors) == 1:
        raise errors[0]
    elif errors:
        raise BaseExceptionGroup("several connections of this test failed", errors)


_current: contextvars.ContextVar[Tracker | None] = contextvars.ContextVar("tracker", default=None)


def tracker() -> Tracker | None:
    """The tracker of the test that runs in this context."""
    return _current.get()


def tracked(test: Callable[..., Awaitable[Any]], tracker: Tracker) -> Callable[..., Awaitable[Any]]:
    """Return a test that ends what it opened, before its event loop goes."""

    @functools.wraps(test)
    async def run(*args: Any, **kwargs: Any) -> Any:
        token = _current.set(tracker)
        try:
            result = await test(*args, **kwargs)
        except BaseException as error:
            await tracker.finish(error)
            raise
        else:
            await tracker.finish()
        finally:
            _current.reset(token)
        return result

    return run
