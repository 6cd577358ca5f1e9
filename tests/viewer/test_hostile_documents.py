"""Documents that ask for far more work than their size: the page answers, and says what it does not show."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Watch
from tests.hostile_documents import DOCUMENTS, FRAMES
from tests.try_it_out.conftest import connect, opened
from tests.try_it_out.liar import Liar, running_liar
from tests.viewer.site import Answer, Site

LONGEST_TASK = """
window.longestTask = 0
new PerformanceObserver(list => {
  for (const { duration } of list.getEntries()) window.longestTask = Math.max(window.longestTask, duration)
}).observe({ type: 'longtask', buffered: true })
"""


@pytest.fixture
def hostile(page: Page, site: Site) -> Iterator[Page]:
    """The page, before it opens one of them. The longest task is printed afterwards, for people to read.

    Its patience guards against work without a bound, which would take minutes, years, or the tab's memory.
    """
    page.add_init_script(LONGEST_TASK)
    site.try_it_out = "closed"
    yield page
    print(f"longest task: {page.evaluate('window.longestTask'):.0f} ms")


def offer(site: Site, name: str) -> str:
    document = DOCUMENTS[name]
    content_type = "application/yaml" if document.is_yaml else "application/json"
    return site.offer(hostile=Answer(document.make().encode(), content_type))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_page_answers_whatever_a_document_asks_for(hostile: Page, site: Site, watch: Watch, name: str) -> None:
    address = offer(site, name)
    hostile.goto(address, wait_until="commit")
    # By selectors: roles are looked for in every element, and some of these documents have many.
    hostile.locator("main [role=alert], #introduction").first.wait_for()
    if hostile.locator("main > [role=alert]").count() > 0:
        return  # It is refused, with a reason.
    hostile.locator("#navigation a[href='#introduction']").click()
    hostile.wait_for_url(f"{address}#introduction")
    hostile.locator("header button", has_text="Try it out").click()
    hostile.locator(".try-dock").wait_for()
    ask = hostile.locator("#operation-receive-ask")
    if ask.count() > 0:
        ask.locator(".try-operation button").first.click()
        ask.locator(".cm-content").wait_for()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nested_min_items", "It is cut: a whole one is too large to be made."),
        ("required_references", "It is cut: a whole one is too large to be made."),
        ("a_wide_object", "Only 200 of 20,000 members are shown here."),
        ("a_long_choice", "Only 200 of 50,000 choices are shown here."),
        ("a_wide_union", "Only 200 of 10,000 alternatives are shown here."),
        ("many_examples", "Only 20 of 20,000 examples are shown here."),
        ("a_large_example", "Only its first 50,000 characters are shown: it is too large."),
        ("a_deep_example", "Only its first 200 levels are shown: it is nested too deeply."),
        ("deep_arrays", "What is inside is nested too deeply to be shown here."),
        ("many_channels", "and 4,501 more: search for them"),
        ("operations_times_messages", "Only 50 of 2,002 messages are shown here."),
        ("servers_times_channels", "Only 200 of 2,000 servers are shown here."),
        ("operations_times_members", "too large to be drawn at once"),
        ("shared_extensions", "Its extensions and bindings are too large to be shown whole."),
        ("markdown_emphasis", "This text is shown as it was written: its Markdown is too much to lay out."),
        ("markdown_quotes", "This text is shown as it was written: its Markdown is too much to lay out."),
        ("yaml_brackets", "nested too deeply to be shown"),
        ("yaml_nested_blocks", "nested too deeply to be shown"),
        ("yaml_many_anchors", "Its YAML has 15,000 aliases."),
        ("json_brackets", "not valid JSON"),
    ],
)
def test_what_is_too_much_is_said_where_it_would_stand(
    hostile: Page, site: Site, watch: Watch, name: str, words: str
) -> None:
    hostile.goto(offer(site, name), wait_until="commit")
    hostile.locator(f"text={words}").first.wait_for(state="attached")


def test_a_part_that_was_not_drawn_is_drawn_where_the_reader_goes(hostile: Page, site: Site, watch: Watch) -> None:
    hostile.goto(offer(site, "operations_times_members"), wait_until="commit")
    last = hostile.locator("#operation-receive-o1999")
    last.locator(".postponed").wait_for(state="attached")
    hostile.evaluate("location.hash = '#operation-receive-o1999'")
    last.locator("text=member_199").first.wait_for()
    expect(last.locator(".postponed")).to_have_count(0)


def test_expand_all_opens_no_more_than_can_be_read(hostile: Page, site: Site, watch: Watch) -> None:
    hostile.goto(offer(site, "required_references"), wait_until="commit")
    payload = hostile.locator("#operation-receive-ask")
    payload.locator("button", has_text="Collapse all").first.click()
    payload.locator("button", has_text="Expand all").first.click()
    payload.locator("text=Not all of it was opened").first.wait_for()


def test_an_example_that_is_too_large_to_edit_is_replaced(hostile: Page, site: Site, watch: Watch) -> None:
    hostile.goto(offer(site, "a_large_example"), wait_until="commit")
    hostile.locator("header button", has_text="Try it out").click()
    ask = hostile.locator("#operation-receive-ask")
    ask.locator(".try-operation button").first.click()
    ask.locator("text=too large to be edited here").wait_for()


@pytest.fixture
def liar(site: Site) -> Iterator[Liar]:
    with running_liar() as liar:
        site.policy = f"default-src 'self'; connect-src 'self' ws://{liar.address}"
        yield liar


def test_frames_of_a_megabyte_are_listed_and_slow_patterns_judge_them(
    hostile: Page, site: Site, liar: Liar, watch: Watch
) -> None:
    server = f'"servers": {{"here": {{"host": "{liar.address}", "protocol": "ws"}}}}, "operations"'
    text = DOCUMENTS["slow_patterns"].make().replace('"operations"', server, 1)
    liar.greeting = [make() for make in FRAMES.values()]
    hostile.goto(site.offer(hostile=Answer(text.encode(), "application/json")))
    connection = opened(hostile).name_last("Guest")
    connection.get_by_label("name (path)").fill("1")
    connect(connection)
    expect(connection.get_by_text(f"{len(FRAMES) + 1} of {len(FRAMES) + 1}")).to_be_visible()
    connection.get_by_role("listbox").get_by_role("option").filter(has_text="aaaa!").click()
    expect(connection.get_by_role("region", name="Frame")).to_contain_text("does not match its pattern")
