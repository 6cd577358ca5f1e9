"""Measures the docs page with its try-it-out: sizes, how soon a large document answers, and 10,000 frames.

It drives Debian's Chromium over a site and a WebSocket server on loopback, prints a table, and writes it into
``benchmarks/RESULTS.md``. Nothing is asserted here. It needs the built page (``make setup``).

Run it with ``python -m benchmarks.page [--runs N]``.
"""

from __future__ import annotations

import argparse
import gzip
import os
import platform
import statistics
import sys
from dataclasses import dataclass

from playwright.sync_api import Browser, Page, expect

from benchmarks.results import write_part
from chanspec.viewer import asset
from tests.browser import running_browser
from tests.try_it_out.conftest import Talk, connect, frames, opened
from tests.try_it_out.large import OPERATIONS, large
from tests.try_it_out.liar import document, running_liar
from tests.viewer.site import running_site

FRAMES = 10_000
DOCS = ("docs.js", "docs.css")
WHOLE = (*DOCS, "try.js", "try.css")

# When the operations are there, those of the first windows drawn, and the page then has drawn a frame and answers.
# Counted from the navigation, and in the page: Playwright takes its time with as many elements.
READY = """
(count) => new Promise((resolve) => {
  const check = () => {
    if (document.querySelectorAll('#operations > ul > li').length < count) return setTimeout(check, 5)
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now()), 0))
  }
  check()
})
"""
# When all of the document is drawn.
WHOLE_DOCUMENT = """
() => new Promise((resolve) => {
  const check = () => {
    if (document.querySelector('section > ul > li:empty') !== null) return setTimeout(check, 5)
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now()), 0))
  }
  check()
})
"""
OPEN = """
() => new Promise((resolve) => {
  const start = performance.now()
  document.querySelector('header button[aria-expanded="false"]:not(.menu-button)').click()
  const check = () => {
    if (document.querySelector('.try-dock .try-settings') === null) return setTimeout(check, 5)
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start), 0))
  }
  check()
})
"""
# The times between two drawn frames of the page; the longest is how long it stood still. And the tasks that kept it
# from answering for more than 50 ms (the Long Tasks API).
WATCH_GAPS = """
() => {
  window.gaps = []
  window.tasks = []
  new PerformanceObserver((list) => window.tasks.push(...list.getEntries())).observe({ type: 'longtask' })
  let last = performance.now()
  const tick = (now) => { window.gaps.push(now - last); last = now; requestAnimationFrame(tick) }
  requestAnimationFrame(tick)
}
"""
LONGEST_GAP = """
async () => {
  for (let drawn = 0; drawn < 2; drawn += 1) await new Promise(requestAnimationFrame)
  const tasks = window.tasks.splice(0).map((task) => task.duration)
  return [Math.max(...window.gaps.splice(0)), Math.max(0, ...tasks)]
}
"""


@dataclass
class Row:
    """A line of the table: what was measured in each run, and the most that it may be, where there is a limit."""

    what: str
    unit: str
    found: list[float]
    limit: float | None = None

    def __str__(self) -> str:
        each = f"{statistics.median(self.found):,.0f}"
        if len(self.found) > 1:
            each += f" ({min(self.found):,.0f} to {max(self.found):,.0f})"
        limit = "" if self.limit is None else f"{self.limit:,.0f} {self.unit}"
        return f"| {self.what} | {each} {self.unit} | {limit} |"


def kilobytes(names: tuple[str, ...]) -> float:
    """The size of files of the page, each gzipped by itself as servers do."""
    return sum(len(gzip.compress(asset(name).content, 9)) for name in names) / 1000


def new_page(browser: Browser) -> Page:
    return browser.new_context(viewport={"width": 1440, "height": 900}).new_page()


def large_document(browser: Browser) -> tuple[float, float, float]:
    """Milliseconds from asking for the page until it answers, until all of it is drawn, and for its try-it-out."""
    with running_site() as site:
        site.try_it_out = "closed"
        page = new_page(browser)
        page.goto(site.offer(large=large()), wait_until="commit")
        found = page.evaluate(READY, OPERATIONS), page.evaluate(WHOLE_DOCUMENT), page.evaluate(OPEN)
        page.context.close()
        return found


def many_frames(browser: Browser) -> tuple[float, float, float, float]:
    """Milliseconds that the page stood still at most while the frames came, and its longest task; and both once more
    while it then filtered and scrolled them.
    """
    with running_site() as site, running_liar() as liar:
        site.try_it_out = "closed"
        site.policy = f"default-src 'self'; connect-src 'self' ws://{liar.address}"
        page = new_page(browser)
        page.goto(site.offer(wishes=document(liar.address)))
        dock = opened(page)
        connection = dock.name_last("Guest")
        connection.get_by_label("room (path)").fill("1")
        connect(connection)
        page.locator("#operation-reply-wish").get_by_role("button", name="Try it out").click()
        page.evaluate(WATCH_GAPS)
        Talk(dock, connection, liar).send({"burst": FRAMES})
        expect(frames(connection, f'"number": {FRAMES - 1}}}')).to_be_visible(timeout=60_000)
        coming = page.evaluate(LONGEST_GAP)
        connection.get_by_label("Text in frames").fill('"number": 4321}')
        expect(frames(connection, '"number": 4321}')).to_have_count(1)
        connection.get_by_label("Text in frames").fill("")
        for key, number in (("Home", 0), ("End", FRAMES - 1)):
            connection.get_by_role("listbox").press(key)
            expect(frames(connection, f'"number": {number}}}')).to_be_visible()
        there = page.evaluate(LONGEST_GAP)
        page.context.close()
        return *coming, *there


def measure(runs: int) -> tuple[list[Row], str]:
    """The table's rows, and the browser's version."""
    rows = (
        Row(f"{OPERATIONS} operations: from the navigation until the docs answer", "ms", [], 1_500),
        Row(f"{OPERATIONS} operations: from the navigation until all of them are drawn", "ms", []),
        Row(f"{OPERATIONS} operations: from its button until the try-it-out answers", "ms", []),
        Row(f"{FRAMES:,} frames: longest time between two drawn frames while they come", "ms", []),
        Row(f"{FRAMES:,} frames: longest task while they come (0: none above 50 ms)", "ms", [], 100),
        Row(f"{FRAMES:,} frames: longest time between two drawn frames on filtering and scrolling them", "ms", []),
        Row(f"{FRAMES:,} frames: longest task on filtering and scrolling them (0: none above 50 ms)", "ms", [], 100),
    )
    with running_browser() as browser:
        for run in range(runs):
            print(f"run {run + 1} of {runs}", file=sys.stderr, flush=True)
            for row, found in zip(rows, (*large_document(browser), *many_frames(browser)), strict=True):
                row.found.append(found)
        version = browser.version
    sizes = [
        Row("the docs alone, gzipped", "kB", [kilobytes(DOCS)], 180),
        Row("everything with the try-it-out, gzipped", "kB", [kilobytes(WHOLE)], 420),
    ]
    return [*sizes, *rows], version


def table(rows: list[Row], runs: int, browser: str) -> str:
    return "\n".join(
        (
            "## The docs page",
            "",
            "    python -m benchmarks.page",
            "",
            f"Times are the median of {runs} runs (lowest to highest), each in a new browser context.",
            "",
            "| what | measured | limit |",
            "|---|---|---|",
            *map(str, rows),
            "",
            f"Chromium {browser}, Python {platform.python_version()}, {platform.system()} on "
            f"{os.cpu_count()} {platform.machine()} cores, over loopback.",
        )
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=5)
    runs = max(1, arguments.parse_args().runs)
    rows, browser = measure(runs)
    text = table(rows, runs, browser)
    print(text)
    write_part("benchmarks.page", text)


if __name__ == "__main__":
    main()
