"""The errors of communicators, and how they show what came instead of what was expected. All text is bounded."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from chanspec.camel import camel_case
from chanspec.runtime.log import shown
from chanspec.testing.transport import Transport
from chanspec.testing.wire import Unreadable, Wire

MAX_LINES = 40
MAX_LINE = 160
MAX_FRAMES = 6
MAX_CLASSES = 4
MAX_DEPTH = 4
MAX_SHORT = 100


class ReceiveError(AssertionError):
    """Something else came than the test expected."""


class NothingReceivedError(ReceiveError, TimeoutError):
    """Nothing came in time."""


class NotSettledError(AssertionError, TimeoutError):
    """The connection was still at work when the time was over."""


class ClosedError(ReceiveError):
    """The connection is closed, refused or not open yet."""


class ContractError(AssertionError):
    """The consumer sent what its contract does not have."""


class UnclosedCommunicatorWarning(UserWarning):
    """A test left a connection open."""


def wrong_message(expected: Iterable[Any], wire: Wire, content: Any, error: Unreadable) -> str:
    """Say that a message is none of those expected, with a diff."""
    classes = tuple(expected)
    name = wire.named(content)
    came = f"{name_shown(name)} came" if name is not None else "this came"
    tried = error.tried or (classes[0] if len(classes) == 1 else None)
    lines = [f"expected {named_classes(classes, wire)}, but {came}:"]
    if not isinstance(content, dict) or tried is None:
        lines += [f"  + {line}" for line in _pretty(content)]
    else:
        wrong = {_path(each["loc"]) for each in error.error.errors(include_url=False)} if error.error else set()
        lines += list(_diff(_shape(tried, wire), content, wrong))
    if error.error is not None:
        found = error.error.errors(include_url=False, include_input=False)
        lines += [f"  {'.'.join(map(str, each['loc'])) or 'the message'}: {each['msg']}" for each in found]
    return bounded(lines)


def named_classes(classes: Iterable[Any], wire: Wire) -> str:
    """``PongMessage ("pong") or ErrorMessage ("error")``."""
    named = []
    for cls in classes:
        constant = wire.constant(cls)
        named.append(getattr(cls, "__name__", str(cls)) + (f" ({name_shown(constant[1])})" if constant else ""))
    if len(named) > MAX_CLASSES:
        named = [*named[: MAX_CLASSES - 1], f"{len(named) - MAX_CLASSES + 1} others"]
    return " or ".join(named)


def name_shown(name: str) -> str:
    """A message's name, quoted, as one bounded line."""
    return f'"{shown(name, 80)}"'


def history(transport: Transport) -> list[str]:
    """The last frames of a connection, newest last."""
    frames = list(transport.history)
    if not frames:
        return ["nothing was sent or received before"]
    lines = ["what went before (> sent by the test, < by the application):"]
    if len(frames) > MAX_FRAMES:
        lines.append("  …")
    return lines + [f"  {direction} {frame_shown(frame)}" for direction, frame in frames[-MAX_FRAMES:]]


def frame_shown(frame: Mapping[str, Any]) -> str:
    """A frame as one bounded line."""
    kind = str(frame.get("type", "")).removeprefix("websocket.")
    if frame.get("text") is not None:
        return shown(frame["text"], MAX_LINE)
    if frame.get("bytes") is not None:
        return f"{len(frame['bytes'])} bytes {frame['bytes'][:20].hex(' ')}"
    more = {
        key: value for key, value in frame.items() if key in ("code", "reason", "status") and value not in (None, "")
    }
    return " ".join([kind, *(f"{key}={shown(value, 60)}" for key, value in more.items())])


def bounded(lines: Iterable[str]) -> str:
    """Lines as one text: at most 40 of them, none long, and nothing unprintable in them."""
    kept = list(lines)
    if len(kept) > MAX_LINES:
        kept = [*kept[:MAX_LINES], f"  … {len(kept) - MAX_LINES} more lines"]
    return "\n".join(_cut(line) for line in kept)


def _cut(line: str) -> str:
    printable = (
        line if line.isprintable() else "".join(each if each.isprintable() else repr(each)[1:-1] for each in line)
    )
    return printable if len(printable) <= MAX_LINE else f"{printable[: MAX_LINE - 1]}…"


class _Type:
    """Stands for any value of a type, in the shape of what is expected."""

    def __init__(self, annotation: Any) -> None:
        name = (
            annotation.__name__ if isinstance(annotation, type) and not typing.get_args(annotation) else str(annotation)
        )
        self.name = "None" if name == "NoneType" else name.replace("typing.", "")


def _shape(cls: Any, wire: Wire, depth: int = 0) -> Any:
    """What a class looks like on the wire: a dict of its fields, down to constants and types."""
    if typing.get_origin(cls) is typing.Literal:
        values = typing.get_args(cls)
        value = getattr(values[0], "value", values[0])
        return value if len(values) == 1 else _Type(cls)
    if typing.get_origin(cls) in (typing.Union, types.UnionType) or depth >= MAX_DEPTH:
        return _Type(cls)
    if isinstance(cls, type) and issubclass(cls, BaseModel):
        constant = wire.constant(cls) if depth == 0 else None
        shape = {}
        for name, field in cls.model_fields.items():
            shape[_wire_name(name, field, wire)] = _shape(field.annotation, wire, depth + 1)
        if constant is not None and constant[0] not in shape:
            shape = {constant[0]: constant[1], **{key: value for key, value in shape.items() if key != "action"}}
        return shape
    if dataclasses.is_dataclass(cls) and isinstance(cls, type):
        hints = typing.get_type_hints(cls)
        return {field.name: _shape(hints[field.name], wire, depth + 1) for field in dataclasses.fields(cls)}
    return _Type(cls)


def _wire_name(name: str, field: Any, wire: Wire) -> str:
    return field.serialization_alias or field.alias or (camel_case(name) if wire.codec.camelize else name)


def _diff(shape: Any, content: Any, wrong: set[str], path: str = "", indent: str = "") -> Iterator[str]:
    """Both side by side: ``-`` what was expected, ``+`` what came, neither where they agree."""
    if not isinstance(shape, dict) or not isinstance(content, dict):
        yield from (f"  + {indent}{line}" for line in _pretty(content))
        return
    yield f"    {indent}{{"
    for key in dict.fromkeys((*shape, *content)):
        at, inner = f"{path}.{key}" if path else key, f"{indent}  "
        label = f"{json.dumps(key)}: "
        if key not in content:
            if at in wrong or not wrong:
                yield f"  - {inner}{label}{_brief(shape[key])}"
        elif key not in shape:
            yield from _value("+" if at in wrong or not wrong else " ", inner, label, content[key])
        elif isinstance(shape[key], dict) and isinstance(content[key], dict):
            lines = list(_diff(shape[key], content[key], wrong, at, inner))
            yield f"    {inner}{label}{{"
            yield from lines[1:]
        elif _agrees(shape[key], content[key], at, wrong):
            yield from _value(" ", inner, label, content[key])
        else:
            yield f"  - {inner}{label}{_brief(shape[key])}"
            yield from _value("+", inner, label, content[key])
    yield f"    {indent}}}"


def differences(expected: Any, came: Any) -> Iterator[str]:
    """Two JSON values side by side: ``-`` what was expected, ``+`` what came, neither where they agree."""
    if isinstance(expected, dict) and isinstance(came, dict):
        return _diff(expected, came, set())
    return iter([f"  - {one_line(expected)}", f"  + {one_line(came)}"])


def one_line(content: Any) -> str:
    """JSON as one line."""
    return json.dumps(content, ensure_ascii=True, default=repr)


def _value(sign: str, indent: str, label: str, value: Any) -> Iterator[str]:
    first, *rest = _pretty(value)
    yield f"  {sign} {indent}{label}{first}"
    yield from (f"  {sign} {indent}{line}" for line in rest)


def _agrees(shape: Any, value: Any, path: str, wrong: set[str]) -> bool:
    if any(each == path or each.startswith(f"{path}.") for each in wrong):
        return False
    if wrong:  # pydantic has looked at it
        return True
    if isinstance(shape, _Type):
        simple = {"str": str, "int": int, "bool": bool, "float": (int, float), "None": type(None)}
        kinds: Any = simple.get(shape.name)
        return kinds is None or isinstance(value, kinds)
    return bool(shape == value)


def _brief(shape: Any) -> str:
    if isinstance(shape, _Type):
        return shape.name
    if isinstance(shape, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {_brief(each)}" for key, each in shape.items()) + "}"
    return json.dumps(shape)


def _pretty(content: Any) -> list[str]:
    short = json.dumps(content, ensure_ascii=True, default=repr)
    if len(short) <= MAX_SHORT:
        return [short]
    return json.dumps(content, indent=2, ensure_ascii=True, default=repr).splitlines() or ["null"]


def _path(loc: Iterable[Any]) -> str:
    return ".".join(str(each) for each in loc)
