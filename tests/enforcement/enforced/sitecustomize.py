"""Puts a ContractMiddleware around whatever uvicorn serves in a process that has this folder on its path.

Every drift becomes a line of the file that ``DRIFTS`` names, and nothing is printed.
"""

from __future__ import annotations

import logging
import os
from typing import Any

import uvicorn

_load = uvicorn.Config.load


def load(config: uvicorn.Config) -> None:
    from chanspec.enforcement import ContractMiddleware

    _load(config)
    logging.getLogger("chanspec.contract").setLevel(logging.CRITICAL)
    config.loaded_app = ContractMiddleware(config.loaded_app, mode="error", on_drift=note)


def note(drift: Any) -> None:
    with open(os.environ["DRIFTS"], "a") as file:
        file.write(f"{drift.direction} {drift}\n")


uvicorn.Config.load = load  # type: ignore[method-assign]
