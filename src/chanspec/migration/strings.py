"""Dotted names in strings: ``INSTALLED_APPS``, ``include("…")``, anything that Django or a test imports by name."""

from __future__ import annotations

import re

import libcst as cst
from typing_extensions import override

from chanspec.migration.names import APP, APPS, KEYS, ROOTS, SETTINGS, cure, find, is_old
from chanspec.migration.source import Edit, Note, Source, dotted

_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?::[A-Za-z_]\w*(?:\.\w+)*)?")
_NAMED = re.compile(rf"(?<![\w.-])(?:{'|'.join(sorted(ROOTS | KEYS.keys()))}|django-channels-spectacular)(?![\w-])")
_ADDING = ("append", "insert", "extend")


class Strings(cst.CSTVisitor):
    """Rewrites strings that are dotted names as a whole, and notes those that hold one.

    Attributes:
        apps: The statements in which an app of channels_spectacular was rewritten.
    """

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.source = source
        self.edits: list[Edit] = []
        self.notes: list[Note] = []
        self.apps: list[cst.CSTNode] = []
        self._done: set[cst.CSTNode] = set()

    @override
    def visit_List(self, node: cst.List) -> None:
        self._list(node)

    @override
    def visit_Tuple(self, node: cst.Tuple) -> None:
        self._list(node)

    @override
    def visit_SimpleString(self, node: cst.SimpleString) -> None:
        value = node.evaluated_value
        if node in self._done or not isinstance(value, str) or _NAMED.search(value) is None:
            return
        if isinstance(self.source.parent(node), cst.Expr):
            return  # a docstring
        if not (_DOTTED.fullmatch(value) and is_old(value)) or node.raw_value != value:
            self._named(node, value)
        elif value in APPS and self._in_apps(node) is not None:
            self._app(node, value)
        elif "." not in value:
            self._named(node, value)
        elif (new := _renamed(value)) is None:
            self._note(node, f"{value!r}: {cure(value.replace(':', '.'))}")
        else:
            self._write(node, new)

    @override
    def visit_FormattedStringText(self, node: cst.FormattedStringText) -> None:
        if found := _NAMED.search(node.value):
            self._note(node, f"a text names {found.group()}; look what it is for")

    def _list(self, node: cst.List | cst.Tuple) -> None:
        """An app that two packages brought must be installed once."""
        if self._in_apps(node) is None:
            return
        seen = False
        before: cst.BaseExpression | None = None
        for element in node.elements:
            value = element.value
            text = value.evaluated_value if isinstance(value, cst.SimpleString) else None
            if text == APP or text in APPS:
                if seen and before is not None:
                    self._done.add(value)
                    if text == "channels_spectacular":
                        self.apps.append(value)
                    self.edits.append(Edit(self.source.stop(before), self.source.stop(value), ""))
                seen = True
            before = value

    def _app(self, node: cst.SimpleString, value: str) -> None:
        self._write(node, APP)
        if value == "channels_spectacular":
            self.apps.append(node)

    def _in_apps(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """The statement or call that puts a string among the installed apps."""
        for parent in self.source.parents(node):
            if isinstance(parent, cst.Assign) and any(_is_apps(target.target) for target in parent.targets):
                return parent
            if isinstance(parent, cst.AugAssign | cst.AnnAssign) and _is_apps(parent.target):
                return parent
            if isinstance(parent, cst.Arg) and parent.keyword is not None and _is_apps(parent.keyword):
                return parent
            if isinstance(parent, cst.Call) and _adds_app(parent.func):
                return parent
            if isinstance(parent, cst.BaseStatement | cst.Dict | cst.Lambda):
                return None
        return None

    def _named(self, node: cst.SimpleString, value: str) -> None:
        found = _NAMED.search(value)
        name = found.group() if found else value
        if name in KEYS:
            self._note(node, f"{name} is called {SETTINGS} here, with chanspec's keys")
        elif value == name:
            self._note(node, f"{value!r} is a text; if it is a module, an app or a logger, write chanspec's")
        else:
            self._note(node, f"a text names {name}; look what it is for")

    def _write(self, node: cst.SimpleString, text: str) -> None:
        start = self.source.start(node) + len(node.prefix) + len(node.quote)
        self.edits.append(Edit(start, self.source.stop(node) - len(node.quote), text))

    def _note(self, node: cst.CSTNode, text: str) -> None:
        self.notes.append(Note(self.source.line(node), text))


def _renamed(value: str) -> str | None:
    found = find(value.replace(":", "."))
    if found is None:
        return None
    if ":" in value and found.path:
        return f"{found.module}:{'.'.join(found.path)}"
    return found.dotted


def _is_apps(node: cst.CSTNode) -> bool:
    name = dotted(node)
    return name is not None and name.rpartition(".")[2].endswith("APPS")


def _adds_app(function: cst.BaseExpression) -> bool:
    return isinstance(function, cst.Attribute) and function.attr.value in _ADDING and _is_apps(function.value)
