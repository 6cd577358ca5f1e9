"""Finds sends of messages that nothing declares, in the source of a consumer's methods. It runs none of them.

It sees what is written out: ``self.send_message(Said(...))``, ``return Said(...)`` in a handler, a dict with the name
of a message in it. What a variable holds it sees where the same method assigns it once. The rest shows when it is sent:
see :mod:`chanspec.runtime.undeclared`.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from chanspec.contract.constants import constant_of
from chanspec.contract.values import Contract
from chanspec.messages import SENT_NAMES
from chanspec.problems import Problem

__all__ = ["undeclared_sends"]

_SENDS_MESSAGE = ("send_message", "broadcast_message")
_SENDS_DICT = ("send_json", "broadcast_message")


def undeclared_sends(contract: Contract) -> Iterator[Problem]:
    """Yield a problem for each send of a message that the contract does not have.

    Args:
        contract: Of a consumer class, typed or described.
    """
    if not contract:
        return
    handlers = {each.method for each in (*contract.handlers, *contract.event_handlers)}
    for name, function, where in _functions(contract.consumer):
        body = _parsed(function)
        if body is not None:
            yield from _Method(contract, function, where, is_handler=name in handlers).sends(body)


class _Method:
    def __init__(self, contract: Contract, function: Any, where: str, *, is_handler: bool) -> None:
        self._contract = contract
        self._function = function
        self._where = where
        self._is_handler = is_handler
        self._is_typed = bool(contract.handlers or contract.event_handlers)
        replies = [reply for action in contract.actions for reply in action.replies]
        sent = [message for event in contract.events for message in event.messages]
        self._declared = {(each.field, each.value) for each in (*replies, *sent)}
        if self._is_typed:
            self._declared.update((contract.discriminator_field, value) for value in SENT_NAMES)
        self._assigned: dict[str, list[ast.expr]] = {}

    def sends(self, body: ast.AST) -> Iterator[Problem]:
        nodes = list(_within(body))
        for node in nodes:
            for target in node.targets if isinstance(node, ast.Assign) else ():
                if isinstance(target, ast.Name):
                    self._assigned.setdefault(target.id, []).append(node.value)  # type: ignore[attr-defined]
        for node in nodes:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                yield from self._call(node.func, node.args[0])
            elif self._is_handler and isinstance(node, ast.Return | ast.Yield) and node.value is not None:
                yield from self._message(node.value, node.lineno)

    def _call(self, called: ast.Attribute, argument: ast.expr) -> Iterator[Problem]:
        if not isinstance(called.value, ast.Name) or called.value.id != self._self():
            return
        if self._is_typed and called.attr in _SENDS_MESSAGE:
            yield from self._message(argument, called.lineno)
        if called.attr in _SENDS_DICT:
            yield from self._dict(argument, called.lineno)

    def _message(self, expression: ast.expr, line: int) -> Iterator[Problem]:
        cls = self._class_of(self._told(expression))
        if cls is None or cls in self._contract.outgoing:
            return
        try:
            constant = constant_of(cls, [self._contract.discriminator_field], self._where)
        except TypeError:  # it is no message, which sending it says
            return
        if (constant.field, constant.value) not in self._declared:
            what = f"sends {cls.__qualname__}, which no handler declares"
            yield self._problem(line, what, f"name it in a handler, as @ws_handler(output_type={cls.__name__})")

    def _dict(self, expression: ast.expr, line: int) -> Iterator[Problem]:
        content = self._told(expression)
        if not isinstance(content, ast.Dict):
            return
        fields = {field for field, _ in self._declared}
        for key, value in zip(content.keys, content.values, strict=True):
            if not isinstance(key, ast.Constant) or key.value not in fields or not isinstance(value, ast.Constant):
                continue
            if isinstance(value.value, str) and (key.value, value.value) not in self._declared:
                cure = (
                    "declare a class for it, and name it in the output_type= of a handler"
                    if self._is_typed
                    else f"write a method with @document_event({value.value!r}), or name it in an action's responses="
                )
                yield self._problem(line, f"sends {value.value!r}, which nothing declares", cure)

    def _problem(self, line: int, what: str, cure: str) -> Problem:
        first = self._function.__code__.co_firstlineno
        return Problem(f"{self._where} (line {first + line - 1})", what, cure)

    def _told(self, expression: ast.expr) -> ast.expr:
        """The expression itself, or what the one assignment of its name has."""
        if isinstance(expression, ast.Name) and len(assigned := self._assigned.get(expression.id, [])) == 1:
            return assigned[0]
        return expression

    def _class_of(self, expression: ast.expr) -> type[BaseModel] | None:
        """The model that an expression makes an instance of: ``Said(...)``, ``messages.Said(...)``."""
        if not isinstance(expression, ast.Call):
            return None
        found = self._value(expression.func)
        return found if isinstance(found, type) and issubclass(found, BaseModel) else None

    def _value(self, expression: ast.expr) -> Any:
        if isinstance(expression, ast.Attribute):
            holder = self._value(expression.value)
            # Only what a module or a class plainly holds: a property or a `__getattr__` would run code.
            return vars(holder).get(expression.attr) if inspect.ismodule(holder) or isinstance(holder, type) else None
        if not isinstance(expression, ast.Name) or expression.id in self._function.__code__.co_varnames:
            return None
        return _names_of(self._function).get(expression.id)

    def _self(self) -> str | None:
        code = self._function.__code__
        return code.co_varnames[0] if code.co_argcount else None


def _functions(consumer: type) -> Iterator[tuple[str, Any, str]]:
    """The methods that the application wrote, as they are defined: name, function, ``module:Class.method``."""
    seen: set[str] = set()
    for cls in consumer.__mro__:
        if cls.__module__.partition(".")[0] in ("chanspec", "channels", "builtins", "typing"):
            continue
        for name, value in vars(cls).items():
            function = inspect.unwrap(value) if inspect.isfunction(value) else None
            if name not in seen and inspect.isfunction(function):
                yield name, function, f"{cls.__module__}:{cls.__qualname__}.{name}"
            seen.add(name)


def _parsed(function: Any) -> ast.AST | None:
    try:
        [parsed] = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    except (OSError, TypeError, SyntaxError, ValueError):  # made at run time, or not written as a `def` of its own
        return None
    return parsed if isinstance(parsed, ast.FunctionDef | ast.AsyncFunctionDef) else None


def _within(function: ast.AST) -> Iterator[ast.AST]:
    """All of a method but functions and classes inside it, whose `return` is another's."""
    for node in ast.iter_child_nodes(function):
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield from _within(node)


def _names_of(function: Any) -> Mapping[str, Any]:
    """The names that a function's body knows from outside; a cell that is not filled yet is left out."""
    closed: dict[str, Any] = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            closed[name] = cell.cell_contents
        except ValueError:
            continue
    return {**vars(builtins), **function.__globals__, **closed}
