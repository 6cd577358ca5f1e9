"""What works otherwise under chanspec's names than it did, where the code shows it."""

from __future__ import annotations

import libcst as cst
from typing_extensions import override

from chanspec.migration.names import CONFIG_KEYS, ENDPOINTS
from chanspec.migration.source import Note, Source, dotted

_MESSAGES = frozenset({"chanx.messages.base.BaseMessage"})
_LAYERS = frozenset(
    {"fast_channels.layers.register_channel_layer", "fast_channels.layers.registry.register_channel_layer"}
)
_ACTIONS = frozenset({"channels_spectacular.document_action", "channels_spectacular.decorators.document_action"})
_GENERATORS = frozenset({"channels_spectacular.AsyncAPIGenerator", "channels_spectacular.generator.AsyncAPIGenerator"})


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
        if _GENERATORS.intersection(self.source.imported(node.func)):
            self._name_arguments(node)
        if _ACTIONS.intersection(self.source.imported(node.func)):
            self._doubt_summary(node)
        if ENDPOINTS.intersection(self.source.imported(node.func)):
            self._rename_options(node)
        if _LAYERS.intersection(self.source.imported(node.func)):
            told = "chanspec.runtime.layers.register_layer(alias, layer)"
            line = self.source.line(node)
            self.layers.append(Note(line, f"chanspec's consumers take the layer that is registered by {told}"))

    def _name_arguments(self, call: cst.Call) -> None:
        by_position = sum(argument.keyword is None and not argument.star for argument in call.args)
        by_name = {argument.keyword.value for argument in call.args if argument.keyword is not None}
        if by_position > 1 or "consumer_class" in by_name:
            self._note(call, "AsyncAPIGenerator's arguments have names: consumer=, info=, servers=, channel_path=")

    def _doubt_summary(self, call: cst.Call) -> None:
        """Releases of the original took the action's name by position, while its reference has the summary there."""
        first = call.args[0] if call.args else None
        if first is None or first.keyword is not None or first.star:
            return
        is_text = isinstance(first.value, cst.SimpleString) and len(str(first.value.evaluated_value).split()) > 1
        if not is_text:
            self._note(call, "document_action takes its summary first; if this is the action's name, write action=")

    def _rename_options(self, call: cst.Call) -> None:
        """Note the options of an endpoint's configuration that are called otherwise; or that they cannot be seen."""
        for place, argument in enumerate(call.args):
            is_config = argument.keyword.value == "config" if argument.keyword else place == 2 and not argument.star
            if not is_config or dotted(argument.value) == "None":
                continue
            if not isinstance(argument.value, cst.Dict):
                text = "see that the options are chanspec's: server_url is host, server_protocol protocol"
                self._note(argument, text)
                continue
            for element in argument.value.elements:
                key = element.key if isinstance(element, cst.DictElement) else None
                name = str(key.evaluated_value) if isinstance(key, cst.SimpleString) else ""
                if name in CONFIG_KEYS:
                    new = CONFIG_KEYS[name]
                    self._note(element, f"the option {name!r} is called {new!r} here" if new else f"remove {name!r}")

    def _note(self, node: cst.CSTNode, text: str) -> None:
        self.notes.append(Note(self.source.line(node), text))
