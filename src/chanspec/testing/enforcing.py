"""Puts contract enforcement around an application under test, and turns what it finds into a failure of that test."""

from __future__ import annotations

from typing import Any, Literal

from chanspec.enforcement import ContractMiddleware, Drift
from chanspec.testing.failures import ContractError
from chanspec.testing.transport import Application

Mode = Literal["error", "warn", "off"]
MAX_DRIFTS = 100
MAX_SHOWN = 5


class Enforcing:
    """What was found on one connection.

    Attributes:
        drifts: The first hundred, in their order.
    """

    def __init__(self, mode: Mode) -> None:
        if mode not in ("error", "warn", "off"):
            raise ValueError(f'contract is {mode!r}; write "error", "warn" or "off"')
        self.mode = mode
        self.drifts: list[Drift] = []
        self._told = 0

    def around(self, application: Any) -> Application:
        """The application, as the test talks to it."""
        if self.mode == "off":
            return application  # type: ignore[no-any-return]
        # "warn", so that nothing is changed on the wire: a test sees what clients would, and fails by `failure`.
        return ContractMiddleware(application, mode="warn", on_drift=self._note)

    def _note(self, drift: Drift) -> None:
        if len(self.drifts) < MAX_DRIFTS:
            self.drifts.append(drift)

    def failure(self) -> ContractError | None:
        """What the application sent against its contract and the test was not told yet."""
        new = self.drifts[self._told :]
        self._told = len(self.drifts)
        found = [str(drift) for drift in new if drift.direction == "out"] if self.mode == "error" else []
        if not found:
            return None
        lines = list(dict.fromkeys(found))
        more = f"\n… and {len(lines) - MAX_SHOWN} more" if len(lines) > MAX_SHOWN else ""
        return ContractError("\n".join(lines[:MAX_SHOWN]) + more)
