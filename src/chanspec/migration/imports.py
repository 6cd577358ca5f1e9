"""Import statements, and the dotted names that go through them, in a file's edits and notes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import libcst as cst
from typing_extensions import override

from chanspec.migration.names import MODULES, Found, cure, cures_in, find, home, is_old
from chanspec.migration.source import Edit, Note, Source, dotted

_PRAGMAS = ("# noqa", "# type:", "# pyright:", "# pylint:", "# isort:")


class References(cst.CSTVisitor):
    """Finds uses of imported modules, ``chanx.core.decorators.channel``, which must be rewritten with the import.

    Names that were imported from a module keep their local name, so their uses stay as they are.

    Attributes:
        kept: Local names of modules that something without counterpart is reached by.
        needed: Modules that what is written goes through, by the local name that it begins with.
        moved: Those of them that the modules it went through before do not stand for.
    """

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.source = source
        self.notes: list[Note] = []
        self.kept: set[str] = set()
        self.needed: defaultdict[str, set[str]] = defaultdict(set)
        self.moved: defaultdict[str, set[str]] = defaultdict(set)
        self._plain: set[str] = set()
        self._imported: list[tuple[str, str]] = []
        self._edits: list[tuple[str, Edit]] = []

    @property
    def edits(self) -> list[Edit]:
        """The edits, but for names whose import is kept as it is: ``chanx`` itself can be beside ``chanspec``."""
        return [edit for local, edit in self._edits if local in self._plain or local not in self.kept]

    @property
    def imported(self) -> set[str]:
        """The modules of statements like ``import a.b``, after what is written."""
        return {module for local, module in self._imported if local in self._plain or local not in self.kept}

    @override
    def visit_Import(self, node: cst.Import) -> bool:
        for alias in node.names:
            name = str(dotted(alias.name))
            found = find(name) if is_old(name) else None
            local = _local(alias) if alias.asname else name.partition(".")[0]
            self._imported.append((local, name if found is None else found.dotted))
            if alias.asname is None:
                self._plain.add(local)
        return False

    @override
    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        return False

    @override
    def visit_Attribute(self, node: cst.Attribute) -> bool:
        path = dotted(node)
        if path is None:
            return True
        local, *rest = path.split(".")
        root: cst.BaseExpression = node
        while isinstance(root, cst.Attribute):
            root = root.value
        olds = [old for old in self.source.imported(root) if is_old(old)]
        if len(olds) > 1:
            self._keep(node, local, f"{local} is imported as {' and '.join(olds)}; give each a name of its own")
        elif olds:
            self._rewrite(node, local, olds[0], ".".join((olds[0], *rest)))
        return False

    @override
    def visit_Name(self, node: cst.Name) -> None:
        if node.value in self._plain and is_old(node.value) and self.source.imported(node) == [node.value]:
            self._keep(node, node.value, f"the module {node.value} itself is used; {cure(node.value)}")

    def _rewrite(self, node: cst.Attribute, local: str, imported: str, old: str) -> None:
        is_plain = local == imported and local in self._plain
        found = find(old)
        root = "chanspec" if is_plain else _dotted(find(imported))
        if root is None:
            return  # the import's own note says so
        if found is None:
            self._keep(node, local, f"{old}: {cure(old)}")
            return
        if not found.dotted.startswith(f"{root}."):
            self._keep(node, local, f"{old} is {found.dotted} here; import it from there")
            return
        text = (root if is_plain else local) + found.dotted[len(root) :]
        if text != dotted(node):
            self._edits.append((local, Edit(self.source.start(node), self.source.stop(node), text)))
        if found.path:
            self.needed[local].add(found.module)
            if found.module != home(old):
                self.moved[local].add(found.module)

    def _keep(self, node: cst.CSTNode, local: str, note: str) -> None:
        self.kept.add(local)
        self.notes.append(Note(self.source.line(node), note))


class Imports(cst.CSTVisitor):
    """Rewrites import statements of every form."""

    def __init__(self, source: Source, references: References) -> None:
        super().__init__()
        self.source = source
        self.references = references
        self.edits: list[Edit] = []
        self.notes: list[Note] = []

    @override
    def visit_Import(self, node: cst.Import) -> None:
        imported: set[str] = set()
        needed: set[str] = set()
        changed = False
        for alias in node.names:
            name = str(dotted(alias.name))
            if not is_old(name):
                continue
            found = find(name)
            local = dotted(alias.asname.name) if alias.asname else name.partition(".")[0]
            if found is None or found.path:
                self._note(node, name)
            elif local not in self.references.kept:
                self._replace(alias.name, found.module)
                imported.add(found.module)
                needed |= self.references.needed[str(local)]
                changed = True
            elif alias.asname is None:  # the old name is needed too
                self._insert(self.source.stop(alias), f", {found.module}")
                imported.add(found.module)
                needed |= self.references.needed[str(local)]
                changed = True
        done = imported | self.references.imported
        missing = sorted(each for each in needed if not any(_holds(module, each) for module in done))
        if changed and missing:
            self._insert(self.source.stop(node.names[-1].asname or node.names[-1].name), f", {', '.join(missing)}")

    @override
    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        module = dotted(node.module)
        if node.relative or module is None or not is_old(module):
            return
        if isinstance(node.names, cst.ImportStar):
            self._star(node, module)
            return
        groups: dict[str, list[tuple[cst.ImportAlias, str]]] = defaultdict(list)
        kept: list[cst.ImportAlias] = []
        needed: set[str] = set()
        for alias in node.names:
            name = f"{module}.{alias.name.value}"
            found = find(name)
            local = dotted(alias.asname.name) if alias.asname else alias.name.value
            if found is None or local in self.references.kept:
                if found is None:
                    self._note(node, name)
                kept.append(alias)
                continue
            here, _, new = found.dotted.rpartition(".")
            groups[here].append((alias, new))
            needed |= self.references.moved[str(local)] - self.references.imported
        if len(groups) == 1 and not kept and not needed and "" not in groups:
            [(here, aliases)] = groups.items()
            self._replace(node.module, here)
            for alias, new in aliases:
                if new != alias.name.value:
                    self._replace(alias.name, new if alias.asname else f"{new} as {alias.name.value}")
        elif groups:
            self._split(node, module, kept, groups, needed)

    def _star(self, node: cst.ImportFrom, module: str) -> None:
        known = MODULES.get(module)
        if known is None or not known.names:
            self._note(node, module)
            return
        if cures := cures_in(module):
            text = f"{module}: some of it has no counterpart in chanspec; {' or '.join(cures)}"
            self.notes.append(Note(self.source.line(node), text))
        targets = {name.rpartition(".")[0] for name in known.names.values()}
        if not cures and len(targets) == 1 and all(name.endswith(f".{old}") for old, name in known.names.items()):
            self._replace(node.module, targets.pop())
            return
        groups: dict[str, list[str]] = defaultdict(list)
        for old, name in known.names.items():
            if not old.startswith("_"):
                here, _, new = name.rpartition(".")
                groups[here].append(_alias(new, old))
        self._lines(node, [f"from {here} import {', '.join(names)}" for here, names in groups.items()], ())

    def _split(
        self,
        node: cst.ImportFrom,
        module: str,
        kept: Sequence[cst.ImportAlias],
        groups: dict[str, list[tuple[cst.ImportAlias, str]]],
        needed: set[str],
    ) -> None:
        lines = []
        if kept:
            names = (_alias(str(alias.name.value), _local(alias), alias.asname is not None) for alias in kept)
            lines.append(f"from {module} import {', '.join(names)}")
        for here, aliases in groups.items():
            written = (_alias(new, _local(alias), alias.asname is not None) for alias, new in aliases)
            lines.append(f"from {here} import {', '.join(written)}" if here else f"import {', '.join(written)}")
        lines += (f"import {each}" for each in sorted(needed))
        comments = _Comments()
        node.visit(comments)
        self._lines(node, lines, comments.found)

    def _lines(self, node: cst.ImportFrom, lines: list[str], comments: Sequence[str]) -> None:
        """Put several statements where one was; its comments go above, and what it tells checkers to each."""
        statement = self.source.parent(node)
        pragma = ""
        separator = "; "
        if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
            separator = self.source.newline + self.source.indent(node)
            comment = statement.trailing_whitespace.comment
            if comment is not None and comment.value.startswith(_PRAGMAS):
                pragma = f"  {comment.value}"
            lines = [*comments, *lines]
        text = separator.join([*(line if line.startswith("#") else line + pragma for line in lines[:-1]), lines[-1]])
        self._replace(node, text)

    def _note(self, node: cst.CSTNode, name: str) -> None:
        self.notes.append(Note(self.source.line(node), f"{name}: {cure(name)}"))

    def _replace(self, node: cst.CSTNode | None, text: str) -> None:
        assert node is not None
        if text != self.source.text(self.source.start(node), self.source.stop(node)):
            self.edits.append(Edit(self.source.start(node), self.source.stop(node), text))

    def _insert(self, place: int, text: str) -> None:
        self.edits.append(Edit(place, place, text))


class _Comments(cst.CSTVisitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    @override
    def visit_Comment(self, node: cst.Comment) -> None:
        self.found.append(node.value)


def _alias(name: str, local: str, is_explicit: bool = False) -> str:
    return f"{name} as {local}" if is_explicit or name != local else name


def _local(alias: cst.ImportAlias) -> str:
    return str(dotted(alias.asname.name) if alias.asname else dotted(alias.name))


def _holds(imported: str, module: str) -> bool:
    """Whether importing one module imports another."""
    return imported == module or imported.startswith(f"{module}.")


def _dotted(found: Found | None) -> str | None:
    return None if found is None else found.dotted
