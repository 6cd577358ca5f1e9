"""Template mode: a hand-written AsyncAPI document, with its placeholders filled and its payloads titled.

The text is edited where something is missing and nowhere else, so comments, quoting, order and line ends stay as
they were written. Not for documents made from consumers, and no judge of the document: the official parser is that.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from chanspec.asyncapi.inner_nodes import InnerNodes
from chanspec.asyncapi.names import Names, pascal
from chanspec.asyncapi.source import SourceError, compose, entries, lookup, to_value
from chanspec.asyncapi.text import quoted, scalar
from chanspec.problems import Problem

PROTOCOLS = ("ws", "wss")

_PLACEHOLDER = re.compile(r"\{\{[ \t]*(WS_HOST|WS_PROTOCOL|ws_host|ws_protocol)[ \t]*\}\}")
# A placeholder that is all of an unquoted value: there the value may have to be quoted (`host: [::1]:8000`).
_WHOLE_VALUE = re.compile(
    rf"^(?P<key>[ \t]*(?:- +)*[\w$-]+:[ \t]+){_PLACEHOLDER.pattern}(?P<rest>[ \t]*(?:[ \t]#.*)?)$", re.MULTILINE
)
_UNFILLED = re.compile(r"\{\{[^{}\n]+\}\}|\{%[^{}\n]+%\}")
_HOST = re.compile(r"(?:\w[\w.-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
# The formats whose schemas have a `title`: AsyncAPI's own, JSON Schema and OpenAPI; not Avro, Protobuf or RAML.
_TITLED_FORMATS = ("application/vnd.aai.asyncapi", "application/schema", "application/vnd.oai.openapi")


@dataclass(frozen=True)
class Template:
    """A filled template.

    Attributes:
        text: The YAML (or JSON) as it was written, filled and titled.
        document: The same as plain JSON values.
        titles: The titles that were added, as they were found.
        problems: What is questionable but no error, such as a placeholder that nothing fills.
    """

    text: str
    document: dict[str, Any]
    titles: tuple[str, ...]
    problems: tuple[Problem, ...]


def check_host(host: str) -> str:
    """`host` itself if it is a host name or address with an optional port; raises `ValueError` that says why not."""
    if _HOST.fullmatch(host):
        return host
    if "://" in host:
        raise ValueError(f"the host {host!r} names a protocol too; write the host and port only, as localhost:8000")
    if "/" in host:
        raise ValueError(f"the host {host!r} holds a path; write the host and port only, as localhost:8000")
    raise ValueError(f"{host!r} is not a host; write a name or address and a port, as localhost:8000")


def render(source: str, *, host: str, protocol: str, name: str = "template") -> Template:
    """Fill `{{ WS_HOST }}` and `{{ WS_PROTOCOL }}`, and give every message's payload a title.

    Any spacing in the braces and the lower-case names work too. The title is the message's `name`, or its key where it
    has none or shares it, put into the payload schema it has or refers to, unless there is one; a schema that other
    places refer to as well gets its own name. Objects and enums inside of payloads get their owner's title and the way
    to them: code that is generated from the document has no type without a name. `name` is how problems call the
    template.

    Raises `ValueError` for a host or protocol that is none, and `SourceError` (with line and column) for text that
    is not valid YAML, or not an AsyncAPI document.
    """
    check_host(host)
    if protocol not in PROTOCOLS:
        raise ValueError(f"the protocol is ws or wss, not {protocol!r}")
    text = _fill(source, {"WS_HOST": host, "WS_PROTOCOL": protocol})
    problems = _unfilled(text, name)
    try:
        root = compose(text)
        _check_is_asyncapi(root)
        assert root is not None
        to_value(root)  # refuses what the rest relies on not being there
    except SourceError as error:
        raise _with_placeholder(error, text) from error
    titling = _Titling(root, name)
    edited = _insert(text, titling.additions)
    for schema, title in titling.additions:  # the same edit in the nodes: reading the text again takes long
        schema.value.insert(0, (_text_node("title", schema), _text_node(title, schema)))
    return Template(
        text=edited,
        document=to_value(root),
        titles=tuple(title for _, title in titling.additions),
        problems=(*problems, *titling.problems),
    )


def _fill(source: str, values: dict[str, str]) -> str:
    def whole(found: re.Match[str]) -> str:
        return f"{found['key']}{scalar(values[found[2].upper()])}{found['rest']}"

    filled = _WHOLE_VALUE.sub(whole, source)
    return _PLACEHOLDER.sub(lambda found: values[found[1].upper()], filled)


def _unfilled(text: str, name: str) -> list[Problem]:
    problems: list[Problem] = []
    line, counted = 1, 0
    for found in _UNFILLED.finditer(text):
        line, counted = line + text.count("\n", counted, found.start()), found.start()
        cure = "write its value out; only {{ WS_HOST }} and {{ WS_PROTOCOL }} are filled"
        problems.append(Problem(f"{name}:{line}", f"nothing fills {found.group()[:60]}", cure))
    return problems


def _with_placeholder(error: SourceError, text: str) -> SourceError:
    """`error`, with the placeholder on its line that may well be its cause."""
    lines = text.splitlines()
    found = _UNFILLED.search(lines[error.line - 1]) if error.line <= len(lines) else None
    if found is None:
        return error
    what = str(error).split(": ", 1)[1]
    return SourceError(f"{what}; nothing fills {found.group()[:60]} there", error.line, error.column)


def _check_is_asyncapi(root: Node | None) -> None:
    if root is None:
        raise SourceError("not an AsyncAPI document: it is empty")
    if not isinstance(root, MappingNode):
        raise SourceError.at(root.start_mark, "not an AsyncAPI document: it is not a mapping")
    version = lookup(root, "asyncapi")
    if version is None:
        raise SourceError.at(root.start_mark, "not an AsyncAPI document: it has no `asyncapi` key with the version")
    if not isinstance(version, ScalarNode) or not re.match(r"[23]\.", version.value):
        raise SourceError.at(version.start_mark, "not an AsyncAPI document of version 2 or 3")


class _Titling:
    """Finds the payload schemas of a document that lack a title. `additions` are (schema, title) pairs."""

    def __init__(self, root: Node, name: str) -> None:
        self._root = root
        self._name = name
        self._references = Counter(_references(root))
        self._keys: dict[int, dict[str, Node]] = {}
        self._followed: dict[str, tuple[Node | None, str | None]] = {}
        self._absent: set[str] = set()
        self._reported: set[int] = set()
        self._seen: set[int] = set()
        self.additions: list[tuple[MappingNode, str]] = []
        self.problems: list[Problem] = []
        self._names = Names()
        for taken in (
            *_titles(root),
            *(key.value for key, _ in entries(lookup(lookup(root, "components"), "schemas"))),
        ):
            self._names.claim(taken)
        self._inner = InnerNodes(self._names, self._value_at, self._follow, self._name_of)
        messages = list(_messages(root))
        # A message that is a reference comes last: what it refers to has a name of its own.
        messages.sort(key=lambda entry: self._reference(entry[1]) is not None)
        named = [(self._own_name(message), key, message) for key, message in messages]
        shared = Counter(name for name, _, message in named if self._reference(message) is None)
        payloads = [
            (self._message(name if name and shared[name] == 1 else key, message)) for name, key, message in named
        ]
        for schema, title in filter(None, payloads):
            self.additions += self._inner.inside(schema, title)

    def _own_name(self, node: Node) -> str:
        name = self._value_at(self._follow(node)[0], "name")
        return str(name.value) if isinstance(name, ScalarNode) else ""

    def _name_of(self, pointer: str) -> str | None:
        *parents, key = _segments(pointer)
        return key if parents == ["components", "schemas"] else None

    def _message(self, title: str, node: Node) -> tuple[Node, str] | None:
        """Give a message's payload a title; returns the payload with the title it has then, if that can be."""
        message, _ = self._follow(node)
        payload = self._value_at(message, "payload")
        schema_format = self._value_at(message, "schemaFormat")  # AsyncAPI 2: beside the payload
        schema, pointer = self._follow(payload)
        if self._value_at(schema, "schemaFormat") is not None and self._value_at(schema, "schema") is not None:
            schema_format = self._value_at(schema, "schemaFormat")  # AsyncAPI 3: a Multi Format Schema Object
            schema, pointer = self._follow(self._value_at(schema, "schema"))
        if not isinstance(schema, MappingNode) or not _has_titles(schema_format) or id(schema) in self._seen:
            return None
        self._seen.add(id(schema))
        own = self._value_at(schema, "title")
        if own is None:
            title = self._shared_name(pointer) or title
            self._names.claim(title)
            self.additions.append((schema, title))
        return schema, str(own.value) if isinstance(own, ScalarNode) else title

    def _shared_name(self, pointer: str | None) -> str | None:
        """The own name of a schema in `components.schemas` that more than one place refers to."""
        if pointer is None or self._references[pointer] < 2:
            return None
        return self._name_of(pointer)

    def _follow(self, node: Node | None) -> tuple[Node | None, str | None]:
        """What a node is after its local references, and the last reference's text; `None` for what is elsewhere.

        Each reference is resolved once: each message of a chain asks for the rest of it.
        """
        reference = self._reference(node)
        if reference is None:
            return node, None
        passed: dict[str, None] = {}
        end: tuple[Node | None, str | None]
        while True:
            pointer = str(reference.value)
            if pointer in self._absent:
                self._report_absent(reference)
            if pointer in self._followed:
                end = self._followed[pointer]
                break
            if not pointer.startswith("#") or pointer in passed:
                end = None, None
                break
            passed[pointer] = None
            found = self._resolve(pointer)
            if found is None:
                self._absent.add(pointer)
                self._report_absent(reference)
            following = self._reference(found)
            if following is None:
                end = found, pointer
                break
            reference = following
        self._followed.update(dict.fromkeys(passed, end))
        return end

    def _report_absent(self, reference: ScalarNode) -> None:
        """Report a reference that leads nowhere, once for each place where it is written."""
        if id(reference) not in self._reported:
            self._reported.add(id(reference))
            where = f"{self._name}:{reference.start_mark.line + 1}"
            what = f"{reference.value} is not in the document"
            self.problems.append(Problem(where, what, "correct the reference, or add what it names"))

    def _reference(self, node: Node | None) -> ScalarNode | None:
        found = self._value_at(node, "$ref")
        return found if isinstance(found, ScalarNode) else None

    def _resolve(self, pointer: str) -> Node | None:
        if pointer == "#":
            return self._root
        node: Node | None = self._root
        for segment in _segments(pointer):
            if isinstance(node, SequenceNode):
                index = int(segment) if re.fullmatch(r"[0-9]{1,9}", segment) else len(node.value)
                node = node.value[index] if index < len(node.value) else None
            else:
                node = self._value_at(node, segment)
        return node

    def _value_at(self, node: Node | None, key: str) -> Node | None:
        """What `lookup` finds, from a table of the mapping's keys: many references lead through the same mapping."""
        if not isinstance(node, MappingNode):
            return None
        if id(node) not in self._keys:
            self._keys[id(node)] = dict(reversed([(key.value, value) for key, value in entries(node)]))
        return self._keys[id(node)].get(key)


def _messages(root: Node) -> Iterator[tuple[str, Node]]:
    """Every message of the document with its key: those of the components, and those that stand in channels."""
    yield from ((key.value, message) for key, message in entries(lookup(lookup(root, "components"), "messages")))
    for name, channel in entries(lookup(root, "channels")):
        yield from ((key.value, message) for key, message in entries(lookup(channel, "messages")))
        for operation in ("publish", "subscribe"):  # AsyncAPI 2
            message = lookup(lookup(channel, operation), "message")
            several = lookup(message, "oneOf")
            given = several.value if isinstance(several, SequenceNode) else [] if message is None else [message]
            yield from ((pascal(f"{name.value} {operation}"), each) for each in given)


def _titles(root: Node) -> list[str]:
    """Every title in the document, whatever it is of."""
    return [value.value for key, value in _scalars(root) if key == "title"]


def _references(root: Node) -> list[str]:
    """Every reference of the document, as often as it is written."""
    return [value.value for key, value in _scalars(root) if key == "$ref"]


def _scalars(root: Node) -> list[tuple[str, ScalarNode]]:
    """Every member of a mapping that is a scalar, once."""
    found: list[tuple[str, ScalarNode]] = []
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen or isinstance(node, ScalarNode):
            continue
        seen.add(id(node))
        if isinstance(node, SequenceNode):
            waiting += node.value
            continue
        for key, value in node.value:
            waiting.append(value)
            if isinstance(key, ScalarNode) and isinstance(value, ScalarNode):
                found.append((key.value, value))
    return found


def _segments(pointer: str) -> list[str]:
    # A JSON Pointer in a URI fragment: RFC 6901, sections 4 and 6.
    parts = pointer.removeprefix("#").removeprefix("/").split("/")
    return [unquote(part).replace("~1", "/").replace("~0", "~") for part in parts]


def _has_titles(schema_format: Node | None) -> bool:
    if isinstance(schema_format, ScalarNode):
        return str(schema_format.value).startswith(_TITLED_FORMATS)
    return schema_format is None


def _text_node(text: str, at: Node) -> ScalarNode:
    return ScalarNode("tag:yaml.org,2002:str", text, at.start_mark, at.start_mark)


def _insert(text: str, additions: list[tuple[MappingNode, str]]) -> str:
    """`text` with a title as the first entry of each schema."""
    line_end = "\r\n" if "\r\n" in text else "\n"
    edits = [_edit(text, schema, title, line_end) for schema, title in additions]
    parts: list[str] = []
    done = 0
    for position, insertion in sorted(edits):
        parts += (text[done:position], insertion)
        done = position
    return "".join((*parts, text[done:]))


def _edit(text: str, schema: MappingNode, title: str, line_end: str) -> tuple[int, str]:
    return _flow_edit(text, schema, title) if schema.flow_style else _block_edit(text, schema, title, line_end)


def _flow_edit(text: str, schema: MappingNode, title: str) -> tuple[int, str]:
    # An anchor or a tag may stand before the brace, and cannot hold one.
    position = text.index("{", schema.start_mark.index) + 1
    if not schema.value:
        return position, f"title: {_flow_scalar(title)}"
    first = schema.value[0][0]
    json_like = first.style == '"'
    entry = f'"title": {quoted(title)},' if json_like else f"title: {_flow_scalar(title)},"
    gap = text[position : first.start_mark.index]
    if gap.strip():  # a comment, or an explicit key
        return position, f" {entry}" + ("" if gap[0].isspace() else " ")
    return position, gap + entry if gap else f"{entry} "


def _block_edit(text: str, schema: MappingNode, title: str, line_end: str) -> tuple[int, str]:
    mark = schema.value[0][0].start_mark
    position, column = mark.index, mark.column
    explicit = re.search(r"\?[ \t]+$", text[position - column : position])
    if explicit:  # `? type` and its value below it
        position, column = position - len(explicit.group()), column - len(explicit.group())
    return position, f"title: {scalar(title)}{line_end}{' ' * column}"


def _flow_scalar(text: str) -> str:
    # Inside braces a comma or a bracket would end a plain scalar.
    return quoted(text) if re.search(r"[,\[\]{}]", text) else scalar(text)
