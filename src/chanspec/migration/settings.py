"""The dicts of settings: their names, their keys, and what they need to mean what they meant."""

from __future__ import annotations

import re
from dataclasses import dataclass

import libcst as cst
from typing_extensions import override

from chanspec.migration.names import DEFAULTS, KEYS, SETTINGS
from chanspec.migration.source import Edit, Note, Source, dotted

_OVERRIDES = ("override_settings", "settings", "configure")
_BY_KEY = ("get", "pop", "setdefault", "__getitem__", "__contains__")
_REST_OF_LINE = re.compile(r"[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n)")


@dataclass(frozen=True, slots=True)
class Definition:
    """Where a project gives a dict of settings its value."""

    name: str
    node: cst.CSTNode


class Dicts(cst.CSTVisitor):
    """Renames the dicts wherever their names stand, and their keys where they can be seen.

    Attributes:
        definitions: Statements that give a dict its value, in the order of the file.
    """

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.source = source
        self.edits: list[Edit] = []
        self.notes: list[Note] = []
        self.definitions: list[Definition] = []

    @override
    def visit_Name(self, node: cst.Name) -> None:
        name = node.value
        if name not in KEYS:
            return
        parent = self.source.parent(node)
        if isinstance(parent, cst.Arg) and parent.keyword is node:
            self._argument(node, parent)
            return
        self._replace(node, SETTINGS)
        is_attribute = isinstance(parent, cst.Attribute) and parent.attr is node
        self._use(parent if is_attribute and parent is not None else node, name)

    def _argument(self, node: cst.Name, argument: cst.Arg) -> None:
        call = self.source.parent(argument)
        function = dotted(call.func) if isinstance(call, cst.Call) else None
        if function is None or function.rpartition(".")[2] not in _OVERRIDES:
            self._note(node, f"an argument is named {node.value}, which is {SETTINGS} in chanspec's settings")
            return
        assert isinstance(call, cst.Call)
        both = [each.keyword for each in call.args if each.keyword is not None and each.keyword.value in KEYS]
        if len(both) == 1:
            self._replace(node, SETTINGS)
            self._value(argument.value, node.value)
        elif node is both[0]:
            names = " and ".join(each.value for each in both)
            self._note(node, f"{names} are one dict here: put both into {SETTINGS}")

    def _use(self, holder: cst.CSTNode, name: str) -> None:
        """Rewrite the keys beside a dict's name, by what is done with it."""
        parent = self.source.parent(holder)
        if isinstance(parent, cst.AssignTarget):
            statement = self.source.parent(parent)
            assert isinstance(statement, cst.Assign)
            self._define(statement, statement.value, name)
        elif isinstance(parent, cst.AnnAssign) and parent.target is holder:
            if parent.value is not None:
                self._define(parent, parent.value, name)
        elif isinstance(parent, cst.AugAssign) and parent.target is holder:
            self._keys(parent.value, name)
        elif isinstance(parent, cst.Subscript) and parent.value is holder:
            for element in parent.slice:
                self._key(element.slice.value if isinstance(element.slice, cst.Index) else element.slice, name)
        elif isinstance(parent, cst.Attribute) and parent.value is holder:
            self._method(parent, name)
        elif isinstance(holder, cst.Attribute) and not isinstance(parent, cst.StarredDictElement):
            self._note(holder, f"reads settings.{SETTINGS} now, whose keys are chanspec's")

    def _method(self, function: cst.Attribute, name: str) -> None:
        call = self.source.parent(function)
        if not isinstance(call, cst.Call) or not call.args:
            return
        if function.attr.value == "update":
            for argument in call.args:
                if argument.keyword is not None:
                    self._keyword(argument.keyword, name)
                else:
                    self._keys(argument.value, name)
        elif function.attr.value in _BY_KEY:
            self._key(call.args[0].value, name)

    def _define(self, statement: cst.CSTNode, value: cst.BaseExpression, name: str) -> None:
        before = [each for each in self.definitions if each.name != name]
        if before and not (isinstance(statement, cst.Assign) and len(statement.targets) == 1):
            self._note(statement, f"{before[0].name} and {name} are one dict here: put both into {SETTINGS}")
        elif before and isinstance(statement, cst.Assign):
            # Two dicts become one: the second is added to the first.
            target = statement.targets[0]
            self.edits.append(Edit(self.source.stop(target.target), self.source.start(value), " |= "))
            self._note(
                statement,
                f"{before[0].name} and {name} are one dict here, and what both set is taken from this one; views "
                'that need another perspective take perspective="server" or "client"',
            )
        self.definitions.append(Definition(name, statement))
        self._value(value, name)

    def _value(self, value: cst.BaseExpression, name: str) -> None:
        """A whole dict: its keys, and what must be added to it."""
        self._keys(value, name)
        told = {key: text for key, text in DEFAULTS[name].items() if key not in _keys_of(value)}
        if not told:
            return
        if isinstance(value, cst.Dict):
            if not any(isinstance(each, cst.StarredDictElement) and _is_dict(each.value) for each in value.elements):
                self._add(value, told)
        elif isinstance(value, cst.Call) and dotted(value.func) == "dict":
            text = ", ".join(f'{key}="{each}"' for key, each in told.items())
            place = self.source.start(value.args[0]) if value.args else self.source.stop(value) - 1
            if value.args and value.args[0].keyword is None:  # dict(base, KEY=…): keywords come last
                place, text = self.source.stop(value.args[0].value), f", {text}"
            elif value.args:
                text += ", "
            self.edits.append(Edit(place, place, text))
        else:
            listed = ", ".join(f"{key!r}: {text!r}" for key, text in told.items())
            self._note(value, f"add {listed} to {SETTINGS}, so that documents stay as they were")

    def _add(self, value: cst.Dict, told: dict[str, str]) -> None:
        quote = "'" if _first_quote(value) == "'" else '"'
        entries = [f"{quote}{key}{quote}: {quote}{text}{quote}" for key, text in told.items()]
        start = self.source.start(value) + 1
        if not value.elements:
            self.edits.append(Edit(start, start, ", ".join(entries)))
            return
        first = value.elements[0]
        node: cst.CSTNode = first.key if isinstance(first, cst.DictElement) else first
        indent = self.source.indent(node)
        rest = _REST_OF_LINE.match(self.source.text(start, self.source.start(node)))
        if rest is None:
            self.edits.append(Edit(start, start, "".join(f"{entry}, " for entry in entries)))
        else:
            place = start + len(rest.group().encode())
            text = "".join(f"{indent}{entry},{self.source.newline}" for entry in entries)
            self.edits.append(Edit(place, place, text))

    def _keys(self, value: cst.BaseExpression, name: str) -> None:
        if isinstance(value, cst.Dict):
            for element in value.elements:
                if isinstance(element, cst.DictElement):
                    self._key(element.key, name)
        elif isinstance(value, cst.Call) and dotted(value.func) == "dict":
            for argument in value.args:
                if argument.keyword is not None:
                    self._keyword(argument.keyword, name)
        elif isinstance(value, cst.BinaryOperation):  # {…} | {…}
            self._keys(value.left, name)
            self._keys(value.right, name)
        elif not _is_dict(value):
            self._note(value, f"this becomes part of {SETTINGS}; see that its keys are chanspec's")

    def _key(self, node: cst.CSTNode, name: str) -> None:
        if not isinstance(node, cst.SimpleString):
            self._note(node, f"a key of {SETTINGS}; see that it is one of chanspec's")
            return
        key = str(node.evaluated_value)
        new = KEYS[name].get(key, key)
        if new != key:
            start = self.source.start(node) + len(node.prefix) + len(node.quote)
            self.edits.append(Edit(start, self.source.stop(node) - len(node.quote), new))
        self._check(node, name, key, new)

    def _keyword(self, node: cst.Name, name: str) -> None:
        new = KEYS[name].get(node.value, node.value)
        self._replace(node, new)
        self._check(node, name, node.value, new)

    def _check(self, node: cst.CSTNode, name: str, key: str, new: str) -> None:
        known = _known()
        if known and new not in known:
            self._note(node, f"{name}[{key!r}] has no counterpart in {SETTINGS}: remove it")

    def _replace(self, node: cst.CSTNode, text: str) -> None:
        if text != self.source.text(self.source.start(node), self.source.stop(node)):
            self.edits.append(Edit(self.source.start(node), self.source.stop(node), text))

    def _note(self, node: cst.CSTNode, text: str) -> None:
        self.notes.append(Note(self.source.line(node), text))


def _known() -> frozenset[str]:
    """The keys of ``CHANSPEC``; none where Django, which it is for, is not installed."""
    try:
        from chanspec.channels.conf import DEFAULTS as CHANSPEC
    except ImportError:
        return frozenset()
    return frozenset(CHANSPEC)


def _is_dict(value: cst.BaseExpression) -> bool:
    name = dotted(value)
    return name is not None and name.rpartition(".")[2] in (*KEYS, SETTINGS)


def _keys_of(value: cst.BaseExpression) -> set[str]:
    if isinstance(value, cst.Dict):
        keys = (element.key for element in value.elements if isinstance(element, cst.DictElement))
        return {str(key.evaluated_value) for key in keys if isinstance(key, cst.SimpleString)}
    if isinstance(value, cst.Call):
        return {argument.keyword.value for argument in value.args if argument.keyword is not None}
    if isinstance(value, cst.BinaryOperation):
        return _keys_of(value.left) | _keys_of(value.right)
    return set()


def _first_quote(value: cst.Dict) -> str:
    first = value.elements[0] if value.elements else None
    key = first.key if isinstance(first, cst.DictElement) else None
    return key.quote if isinstance(key, cst.SimpleString) else '"'
