"""Does what a page says, from top to bottom: writes its files, runs its commands and Python, and checks its claims."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.docs import commands, elsewhere
from tests.docs.pages import Block, Command, blocks_of, commands_of
from tests.docs.runner import Runner

CHECKS = Path(__file__).parent / "checks"


def follow(page: str, folder: Path, runner: Runner) -> None:
    """Do in a folder what a page says.

    Raises:
        AssertionError: Something in it does not work, or not as it says.
    """
    for number, stage in enumerate(stages(page), 1):
        _follow(stage, folder, runner)
        check = CHECKS / f"{slug(page)}{number if number > 1 else ''}.py"
        if check.exists():
            shutil.copy(check, folder / f"check_{number}.py")
            code, output = runner.run(folder, "check", file=f"check_{number}.py")
            assert code == 0, output


def slug(page: str) -> str:
    """What the file of a page's checks is called."""
    return page.removeprefix("docs/").removesuffix(".md").replace("/", "_").replace("-", "_")


def stages(page: str) -> Iterator[list[Block]]:
    """The page's blocks, anew from where a file is written that was written before."""
    stage: list[Block] = []
    written: set[str] = set()
    for block in blocks_of(page):
        if elsewhere.is_run(block):
            continue
        if block.file in written and not block.is_addition:
            yield stage
            stage, written = [], set()
        if block.file is not None:
            written.add(block.file)
        stage.append(block)
    yield stage


def write(block: Block, folder: Path) -> None:
    """Write the file that a block names."""
    assert block.file is not None
    path = folder / block.file
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a" if block.is_addition else "w", encoding="utf-8") as file:
        file.write(block.text)


def _follow(stage: list[Block], folder: Path, runner: Runner) -> None:
    """Write a stage's files, run its commands where they stand, and then all its Python in one process."""
    steps: list[dict[str, str]] = []
    modules: list[dict[str, str]] = []
    output = ""
    for block in stage:
        if block.language == "console":
            output = "".join([_run(command, folder, runner) for command in commands_of(block)])
        elif block.language == "text":  # what the commands above wrote
            assert _constant(block.text) in _constant(output), output
        elif block.file is not None:
            write(block, folder)
            if block.language == "python":
                modules.append({"module": ".".join(Path(block.file).with_suffix("").parts)})
        elif block.language == "python":
            steps.append({"code": block.text, "where": str(block)})
    if steps or modules:
        code, output = runner.run(folder, "python", steps=[*steps, *modules])
        assert code == 0, output


def _run(command: Command, folder: Path, runner: Runner) -> str:
    """Run a command, if it is one that is run; what it wrote."""
    if not commands.is_run(command.words):
        return ""
    code, output = runner.run(folder, "command", words=command.words)
    assert code == commands.exit_code(command.words), f"{command.block}: {command}\n{output}"
    assert command.output in output, output
    return output


def _constant(text: str) -> str:
    return re.sub(commands.VARYING, "…", text)
