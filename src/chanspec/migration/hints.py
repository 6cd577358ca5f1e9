"""What works otherwise under chanspec's names than it did, where the code shows it."""

from __future__ import annotations

import libcst as cst
from typing_extensions import override

from chanspec.migration.source import Note, Source

_MESSAGES = frozenset({"chanx.messages.base.BaseMessage"})
_LAYERS = frozenset(
    {"fast_channels.layers.register_channel_layer", "fast_channels.layers.registry.register_channel_layer"}
)


class Hints(cst.CSTVisitor):
    """Notes what somebody should look at. It changes nothing.

    Attributes:
        layers: Where channel layers are registered with fast-channels.
    """

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.source = source
        self.notes: list[Note] = []
        self.layers: list[Note] = []

    @override
    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        if not any(_MESSAGES.intersection(self.source.imported(base.value)) for base in node.bases):
            return
        declared = {
            statement.target.value
            for line in node.body.body
            if isinstance(line, cst.SimpleStatementLine)
            for statement in line.body
            if isinstance(statement, cst.AnnAssign) and isinstance(statement.target, cst.Name)
        }
        if "payload" not in declared:
            self._note(node, f"{node.name.value} inherited a payload; declare it where it is used: payload: Any = None")

    @override
    def visit_Call(self, node: cst.Call) -> None:
        if _LAYERS.intersection(self.source.imported(node.func)):
            told = "chanspec.runtime.layers.register_layer(alias, layer)"
            line = self.source.line(node)
            self.layers.append(Note(line, f"chanspec's consumers take the layer that is registered by {told}"))

    def _note(self, node: cst.CSTNode, text: str) -> None:
        self.notes.append(Note(self.source.line(node), text))
