"""Who runs on which processor while something is measured."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from benchmarks import processors
from benchmarks.server import ROOT

pytestmark = pytest.mark.skipif(len(processors.there()) < 2, reason="there is one processor, or nobody says which")

MEASURED = "import os; from benchmarks import processors; {}; print(*sorted(os.sched_getaffinity(0)))"


def _of_a_process(does: str) -> list[int]:
    command = [sys.executable, "-c", MEASURED.format(does)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    return [int(each) for each in said.stdout.split()]


def test_the_first_processor_is_only_for_what_is_measured() -> None:
    first, *others = all_there = processors.there()
    with processors.first_left():
        assert sorted(os.sched_getaffinity(0)) == others
        assert _of_a_process("pass") == others
        assert _of_a_process("processors.take_the_first()") == [first]
        assert processors.there() == all_there
    assert sorted(os.sched_getaffinity(0)) == all_there
    assert _of_a_process("processors.take_the_first()") == all_there
