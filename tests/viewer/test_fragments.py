"""The page's HTML and files as Python gives them to a framework."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from chanspec.viewer import (
    ASSET_NAMES,
    AssetsNotBuiltError,
    UnknownAssetError,
    asset,
    assets,
    body,
    head,
    versioned,
)

PREFIX = "/static/chanspec/"


def url(name: str) -> str:
    return PREFIX + name


def config_of(html: str) -> dict[str, object]:
    block = re.search(r'<script type="application/json" id="chanspec-config">(.*?)</script>', html)
    assert block is not None
    loaded: dict[str, object] = json.loads(block[1])
    return loaded


def test_the_head_names_the_style_sheet_by_its_content() -> None:
    html = head("Docs & <more>", url)
    assert '<meta charset="utf-8">' in html
    assert "<title>Docs &amp; &lt;more&gt;</title>" in html
    assert f'href="{PREFIX}docs.css?v={asset("docs.css").version}"' in html
    assert "<style" not in html
    assert "<script" not in html


def test_the_body_has_no_inline_script() -> None:
    html = body("Docs", [("A", "/a.yaml")], url)
    scripts = re.findall(r"<script ([^>]*)>(.*?)</script>", html, re.DOTALL)
    assert [bool(content) for _, content in scripts] == [True, False]
    assert 'type="application/json"' in scripts[0][0]
    assert 'type="module"' in scripts[1][0]
    assert '<div id="chanspec">' in html


@pytest.mark.parametrize("text", ["</script><script>", "<!--", "]]>", "a & b", "\u2028\u2029", 'é"\\'])
def test_any_text_survives_the_configuration_and_cannot_leave_it(text: str) -> None:
    html = body(text, [(text, text)], url)
    assert config_of(html) == {"title": text, "documents": [{"label": text, "url": text}]}
    block = html[html.index("chanspec-config") : html.index('<script type="module"')]
    assert not re.search("[\u2028\u2029&]|<(?!/script>)", block.split(">", 1)[1])


def test_readers_without_javascript_get_the_documents() -> None:
    html = body("Docs", [("A", "/a.yaml?x=1&y=2")], url)
    assert '<a href="/a.yaml?x=1&amp;y=2">A</a>' in html[html.index("<noscript>") : html.index("</noscript>")]


def test_addresses_of_files_come_from_a_function_or_a_mapping() -> None:
    mapping = {name: f"https://static.example/{name}?hash=1" for name in ASSET_NAMES}
    assert versioned("docs.js", mapping) == f"{mapping['docs.js']}&v={asset('docs.js').version}"


def test_a_page_without_documents_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one"):
        body("Docs", [], url)


def test_two_documents_of_one_label_are_an_error() -> None:
    with pytest.raises(ValueError, match="'A'"):
        body("Docs", [("A", "/a"), ("A", "/b")], url)


def test_a_file_has_a_type_and_a_strong_tag() -> None:
    script = asset("docs.js")
    assert script.content_type == "text/javascript; charset=utf-8"
    assert script.etag == f'"{script.version}"'
    assert asset("docs.js") is script
    assert "dompurify" in asset("LICENSES.txt").content.decode()


@pytest.mark.parametrize(
    "name", ["", "..", "../__init__.py", "/etc/passwd", "docs.js\0", "DOCS.JS", "docs.js.map", "x" * 10_000]
)
def test_an_unknown_name_never_touches_the_disk(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def touched(*_: object) -> None:
        raise AssertionError("the file system was asked")

    monkeypatch.setattr(Path, "stat", touched)
    monkeypatch.setattr(Path, "read_bytes", touched)
    with pytest.raises(UnknownAssetError, match=r"docs\.js"):
        asset(name)


def test_a_page_that_was_not_built_says_how_to_build_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "DIRECTORY", tmp_path)
    with pytest.raises(AssetsNotBuiltError, match="make setup"):
        asset("docs.js")


def test_a_rebuilt_file_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "DIRECTORY", tmp_path)
    monkeypatch.setattr(assets, "_read", {})
    (tmp_path / "docs.js").write_text("1")
    before = asset("docs.js")
    (tmp_path / "docs.js").write_text("22")
    assert asset("docs.js").etag != before.etag


def test_the_page_compiles_no_code_and_stays_small() -> None:
    import gzip

    script = asset("docs.js").content
    assert b"new Function" not in script
    assert b"eval(" not in script
    size = sum(len(gzip.compress(asset(name).content, 9)) for name in ("docs.js", "docs.css"))
    assert size < 180_000
