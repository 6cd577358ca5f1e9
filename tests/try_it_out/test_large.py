"""A large document is shown whole, and its operations can be tried. How soon, `benchmarks.page` measures."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser import Watch
from tests.try_it_out.large import OPERATIONS, large
from tests.viewer.site import Site


def test_two_hundred_operations_are_all_there_and_can_be_tried(page: Page, site: Site, watch: Watch) -> None:
    page.goto(site.offer(large=large()))
    page.locator(f"#operations > ul > li:nth-child({OPERATIONS})").wait_for()
    # Those beyond the first windows are drawn when the page answers already.
    page.locator("section > ul > li:empty").first.wait_for(state="detached")
    # By selectors, and without `expect` where it has to wait: roles are looked for in every element, and `expect` reads
    # the whole page each time it looks in vain. Both take many seconds here.
    page.locator("header button", has_text="Try it out").click()
    page.locator(".try-dock .try-settings").wait_for()
    last = page.locator(f"#operation-receive-thing_{OPERATIONS - 1}")
    last.locator("button", has_text="Try it out").click()
    last.locator(".cm-content").wait_for()
    expect(last.locator(".cm-content")).to_contain_text(f"thing_{OPERATIONS - 1}")


def test_an_operation_far_down_is_there_for_whom_its_link_brings(page: Page, site: Site, watch: Watch) -> None:
    last = f"operation-receive-thing_{OPERATIONS - 1}"
    page.goto(f"{site.offer(large=large())}#{last}")
    expect(page.locator(f"#{last}").get_by_text(f"About thing {OPERATIONS - 1}").first).to_be_in_viewport()
    page.locator("section > ul > li:empty").first.wait_for(state="detached")
    expect(page.locator(f"#{last}").get_by_text(f"About thing {OPERATIONS - 1}").first).to_be_in_viewport()
