"""Keeps the collector of garbage from looking for it where there is next to none."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Collect nothing meanwhile, unless somebody turned that off already.

    To build a document makes many objects, of which all are kept but a few small ones for each message (pydantic's,
    in cycles). The collector would go through them, and through all that the process has, and take a sixth of the time.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
