"""``python -m chanspec`` is the ``chanspec`` command."""

from __future__ import annotations

import sys

from chanspec.cli import main

if __name__ == "__main__":
    sys.exit(main())
