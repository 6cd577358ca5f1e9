"""One measurement, in a process of its own: ``python -m benchmarks.worker SCENARIO CONTENDER OPTIONS``.

The options are a JSON object. It writes the lines of :mod:`benchmarks.protocol`.
"""

from __future__ import annotations

import json
import os
import sys

from benchmarks.protocol import DidNotFinishError, Reporter
from benchmarks.scenario import Options
from benchmarks.scenarios import scenario


def main() -> None:
    """Measure, and end without cleaning up: thousands of connections would take their time."""
    reporter = Reporter()
    _, key, contender, options = sys.argv
    try:
        chosen = scenario(key)
        reporter.result(chosen.measure(chosen.contender(contender), Options(**json.loads(options))))
    except DidNotFinishError as failure:
        reporter.failed(str(failure))
    except ModuleNotFoundError as error:
        reporter.failed(f"{error.name} is not installed")
    except Exception as error:
        reporter.failed(f"{type(error).__name__}: {error}")
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
