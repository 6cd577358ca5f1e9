"""The blocks that another test of the repository runs, because it does more with them than to run them."""

from __future__ import annotations

from tests.docs.pages import Block

LANGUAGES: dict[tuple[str, str], tuple[str, ...]] = {
    ("README.md", "tests/readme/test_quick_starts.py"): ("python", "console"),
    ("docs/how-to/typescript.md", "tests/typescript/test_models.py"): ("typescript", "tsx"),
    ("docs/how-to/testing.md", "tests/testing/test_docs.py"): ("python", "text"),
    ("docs/how-to/enforcement.md", "tests/enforcement/test_docs.py"): ("python", "indented"),
}
"""The page and the test → what the test runs."""

TESTS = list(LANGUAGES)


def is_run(block: Block) -> bool:
    return any(page == block.page and block.language in languages for (page, _), languages in LANGUAGES.items())
