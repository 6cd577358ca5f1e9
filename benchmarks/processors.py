"""Which processors what is measured has to itself, and which are for its clients and Redis.

On two processors, clients that never sleep, Redis and a server are one too many: whoever Redis takes a processor from
would be chance. The first processor is therefore only for what is measured. Where the system cannot say who runs where,
or there is one processor, nobody is sent anywhere.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

SHARED = "CHANSPEC_BENCH_PROCESSORS"
"""The environment variable that tells the processes of a measurement which processors there are."""


def there() -> list[int]:
    """The processors that a measurement may use; none where the system does not say."""
    if SHARED in os.environ:
        return [int(each) for each in os.environ[SHARED].split()]
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_setaffinity") else []


@contextlib.contextmanager
def first_left() -> Iterator[None]:
    """Have this process, and those that it starts, run on the other processors, unless they take the first."""
    processors = there()
    if len(processors) < 2:
        yield
        return
    os.environ[SHARED] = " ".join(map(str, processors))
    os.sched_setaffinity(0, processors[1:])
    try:
        yield
    finally:
        del os.environ[SHARED]
        os.sched_setaffinity(0, processors)


def take_the_first() -> None:
    """Have this process run where nothing else of a measurement does: it is what is measured."""
    if SHARED in os.environ:
        os.sched_setaffinity(0, there()[:1])
