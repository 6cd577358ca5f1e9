"""Documents that want to do harm, through the real commands: each is read within limits, or refused in a sentence."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from chanspec.asyncapi import source, template
from chanspec.cli import main
from tests import hostile_templates as hostile
from tests.nasty import JSON_OBJECTS

Text = tuple[Callable[[], str], str | None]
TEXTS = [pytest.param(each, id=name) for name, each in hostile.TEXTS.items()]
ADDRESS_SPACE = 1 << 30


def limited() -> None:
    """Give the process less memory than the worst of these documents took."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))


def written(tmp_path: Path, text: str) -> str:
    path = tmp_path / "template.yaml"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("text", TEXTS)
def test_a_hostile_template_is_exported_or_refused_in_a_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: Text
) -> None:
    made, said = text
    path = written(tmp_path, made())
    code = main(["export", "--template", path, "-o", str(tmp_path / "out.yaml")])
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert len(error) < 3000
    if said is None:
        assert (code, error.startswith("Wrote ")) == (0, True), error
    else:
        assert code == 1
        assert "template.yaml: line " in error
        assert said in error


@pytest.mark.parametrize("text", TEXTS)
def test_manage_py_refuses_a_hostile_template_in_the_same_words(tmp_path: Path, text: Text) -> None:
    made, said = text
    path = written(tmp_path, made())
    command: list[Any] = ["export_asyncapi", "--template", path, "-o", str(tmp_path / "out.yaml"), "-v", "0"]
    if said is None:
        call_command(*command)
        return
    with pytest.raises(CommandError) as failure:
        call_command(*command)
    assert said in str(failure.value)
    assert "\n" not in str(failure.value)


@pytest.mark.parametrize("name", ["laughs", "merges", "json_brackets", "chain_of_schemas"])
def test_a_hostile_template_fits_into_little_memory(tmp_path: Path, name: str) -> None:
    made, said = hostile.TEXTS[name]
    command = [sys.executable, "-m", "chanspec", "export", "--template", written(tmp_path, made()), "-o", "-"]
    ran = subprocess.run(
        command, capture_output=True, text=True, timeout=250, preexec_fn=limited, check=False, cwd=tmp_path
    )
    assert ran.returncode == (0 if said is None else 1), ran.stderr
    assert ran.stderr.count("\n") == 1
    assert (said or "Wrote") in ran.stderr


class Counted(source.BoundedScanner):
    """Counts how many possible keys are looked at, which was what made brackets quadratic."""

    looked_at = 0

    def stale_possible_simple_keys(self) -> None:
        before = len(self.possible_simple_keys)
        super().stale_possible_simple_keys()
        Counted.looked_at += before - len(self.possible_simple_keys) + 1


def test_what_is_looked_at_for_each_token_does_not_grow_with_the_open_brackets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(source, "BoundedScanner", Counted)
    counts = []
    for depth in (5, 50):
        Counted.looked_at = 0
        source.compose("[" + ",".join(["[" * depth + "]" * depth] * (1000 // depth)) + "]")
        counts.append(Counted.looked_at)
    assert counts[1] < 2 * counts[0]


def test_each_reference_of_a_chain_is_resolved_once(monkeypatch: pytest.MonkeyPatch) -> None:
    resolved: list[str] = []
    resolve = template._Titling._resolve

    def counted(self: Any, pointer: str) -> Any:
        resolved.append(pointer)
        return resolve(self, pointer)

    monkeypatch.setattr(template._Titling, "_resolve", counted)
    for made in (hostile.chain_of_messages, hostile.chain_of_schemas):
        resolved.clear()
        filled = template.render(made(300), host="localhost", protocol="ws")
        assert len(resolved) == len(set(resolved)) >= 300
        assert len(filled.titles) == 1


def test_a_reference_that_leads_nowhere_is_reported_once_for_each_place() -> None:
    text = "asyncapi: 3.0.0\ncomponents:\n  messages:\n" + "".join(
        f"    M{index}:\n      $ref: '#/components/messages/M{index + 1}'\n" for index in range(9)
    )
    other = "    N:\n      $ref: '#/components/messages/M9'\n"
    problems = template.render(text + other, host="localhost", protocol="ws").problems
    assert [each.where for each in problems] == ["template:21", "template:23"]


FLOW = st.recursive(
    st.sampled_from(["a", "1", "'b'", '"c"', "", "*a", "&a d", "? e", "f: g", "!!str h", "{{ X }}"]),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda some: f"[{', '.join(some)}]")
        | st.lists(st.tuples(inner, inner), max_size=3).map(
            lambda some: "{" + ", ".join(f"{key}: {value}" for key, value in some) + "}"
        )
        | st.lists(inner, min_size=1, max_size=3).map("\n".join)
    ),
    max_leaves=12,
)


def nodes(text: str, *, is_ours: bool) -> Any:
    """What ruamel.yaml makes of a text, as its events; its refusal as text."""
    reader = YAML(typ="safe", pure=True)
    if is_ours:
        reader.Scanner = source.BoundedScanner
    try:
        return [(type(each), str(each.start_mark), getattr(each, "value", None)) for each in reader.parse(text)]
    except YAMLError as error:
        return str(error)


@given(st.lists(FLOW, max_size=3).map("\n".join) | st.text(alphabet="[]{},:?-&*!ab '\"\n ", max_size=40))
def test_the_faster_scanner_reads_what_ruamel_yaml_reads(text: str) -> None:
    assert nodes(text, is_ours=True) == nodes(text, is_ours=False)


@given(JSON_OBJECTS)
def test_json_is_the_same_value_read_as_json_and_as_yaml(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    root = source.compose(text)
    assert root is not None
    assert json.dumps(source.load(text)) == json.dumps(source.to_value(root)) == json.dumps(document)


@pytest.mark.parametrize("channels", ["5", "[1, 2]", "text", "{c: 5}"])
@pytest.mark.parametrize("version", ["2.6.0", "3.0.0"])
def test_a_template_may_have_anything_where_channels_belong(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, channels: str, version: str
) -> None:
    path = written(tmp_path, f"asyncapi: {version}\nchannels: {channels}\noperations: 7\n")
    assert main(["export", "--template", path, "-o", "-", "--format", "json"]) == 0
    assert "0 operations" in capsys.readouterr().err


def test_what_a_template_says_of_itself_is_shown_without_effect(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    reference = "#/components/\\e[2J\\n::error::fake\\u202e" + "x" * 100_000
    path = written(
        tmp_path, f'asyncapi: 3.0.0\ncomponents: {{messages: {{M: {{payload: {{$ref: "{reference}"}}}}}}}}\n'
    )
    assert main(["export", "--template", path, "-o", "-"]) == 0
    warning, wrote = capsys.readouterr().err.splitlines()
    assert warning.startswith("warning: ")
    assert r"#/components/\x1b[2J\n::error::fake\u202exxx" in warning
    assert len(warning) < 2100
    assert wrote.endswith("1 warning")
