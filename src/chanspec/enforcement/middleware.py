"""``ContractMiddleware``: an ASGI middleware that checks every frame against the contract of the consumer behind it.

It goes around one consumer or a whole application. Which consumer serves a connection the consumers say themselves
(:mod:`chanspec.enforcement.hosts`), so any routing and any middleware may be in between.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, MutableMapping
from typing import Any, Literal, get_args

from chanspec.asyncapi.wrappers import name_of
from chanspec.contract.declarations import described_by
from chanspec.enforcement.checker import LIMITS, Limits
from chanspec.enforcement.drift import Drift
from chanspec.enforcement.drifts import Drifts, logger
from chanspec.enforcement.hosts import watch
from chanspec.enforcement.watched import Watched
from chanspec.runtime.witness import WITNESS, witness_of

Mode = Literal["error", "warn", "off"]

OnDrift = Callable[[Drift], None]


class _Signature:
    """What a framework that reads signatures is to call a middleware with, where the application inside says it."""

    def __get__(self, instance: Any, owner: type) -> inspect.Signature:
        app = getattr(instance, "app", None)
        signature = getattr(app, "__signature__", None)
        if not isinstance(signature, inspect.Signature) or not hasattr(app, "connection"):
            raise AttributeError("__signature__")
        return signature


class ContractMiddleware:
    """Checks what clients and consumers send each other.

    ``"warn"`` logs each distinct drift once, to the logger ``chanspec.contract``, and lets the frame pass. ``"error"``
    answers a client's bad frame with the error message and does not hand it on, and instead of sending a bad frame
    closes the connection with 1011 (RFC 6455, 7.4.1): for tests, and for clients that nobody trusts. A bad broadcast
    raises :class:`DriftError` where ``broadcast_message`` is called; one that comes from elsewhere is left out, and the
    connection stays. ``"off"`` is no middleware: what is made is the application itself.

    Typed consumers, and those with a ``ContractDispatchMixin``, answer bad frames themselves in any mode; what they
    refuse is counted here and not checked again.

    Args:
        app: An ASGI application: what ``as_asgi()`` returns, a router, a FastAPI application, any of these in other
            middleware. All but its WebSocket connections are left alone.
        mode: See above.
        on_drift: Called with every drift, from the event loop that serves the connection. What it raises is logged.
        max_frame_bytes: A client's longer frame is a drift, and is not looked into; see
            :class:`~chanspec.runtime.settings.RuntimeSettings`.
        max_depth: So is one whose arrays and objects are nested deeper.

    Attributes:
        app: The application.
        described: The class that describes the application, if that is known of the application itself.
        limits: Of what clients send.
        drifts: The distinct drifts so far with how often each was met, and their ``total``.

    Example:
        >>> application = ContractMiddleware(ProtocolTypeRouter({...}), mode="warn")
        >>> application.drifts.total
        0
    """

    def __new__(cls, app: Any, mode: Mode = "error", on_drift: OnDrift | None = None, **limits: int) -> Any:
        """Return ``app`` where there is nothing to check."""
        if mode not in get_args(Mode):
            raise ValueError(f'ContractMiddleware(mode={mode!r}): write "error", "warn" or "off"')
        return app if mode == "off" else super().__new__(cls)

    def __init__(
        self,
        app: Any,
        mode: Mode = "error",
        on_drift: OnDrift | None = None,
        *,
        max_frame_bytes: int = LIMITS.max_frame_bytes,
        max_depth: int = LIMITS.max_depth,
    ) -> None:
        if mode == "off":  # what __new__ returned may be another middleware of this class
            return
        self.app = app
        self.mode = mode
        self.on_drift = on_drift
        self.limits = Limits(max_frame_bytes, max_depth)
        self.drifts = Drifts()
        self.described = described_by(app)
        self._told: set[str] = set()
        watch()

    __signature__ = _Signature()

    def connection(self, passed: Any, solved: dict[str, Any]) -> Any:
        """The connection in what such a framework passed, as the application inside takes it."""
        return self.app.connection(passed, solved)

    async def __call__(self, scope: Any, receive: Any = None, send: Any = None, **solved: Any) -> None:
        """Serve a connection.

        Args:
            scope: As ASGI has it; or what a framework passes that reads signatures.
            receive: As ASGI has it; such a framework passes none.
            send: Likewise.
            solved: What such a framework passes besides.
        """
        if not isinstance(scope, MutableMapping):
            connection = self.connection(scope, solved)
            if connection is None:
                return
            scope, receive, send = connection
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        watch()
        watched = Watched(self, receive, send, witness_of(scope))
        watched.scope = {**scope, WITNESS: watched}
        try:
            await self.app(watched.scope, watched.receive, watched.send)
        finally:
            watched.scope = None  # which holds what is watched

    def report(self, drift: Drift) -> None:
        """Count a drift, log it if it is new, and hand it to ``on_drift``."""
        self.drifts.add(drift, _log)
        if self.on_drift is not None:
            try:
                self.on_drift(drift)
            except Exception:
                logger.exception("on_drift of a ContractMiddleware failed")

    def tell_once(self, about: str, text: str) -> None:
        """Say why something is not checked, once for each thing it is about."""
        if about not in self._told and len(self._told) < _MAX_TOLD:
            self._told.add(about)
            logger.warning("%s", text)

    def __repr__(self) -> str:
        return f"ContractMiddleware({name_of(self.app)}, mode={self.mode!r})"


_MAX_TOLD = 100


def _log(drift: Drift) -> None:
    logger.warning("%s", drift, extra={"drift": drift})
