"""A message's examples, as far as they may stand in a document (AsyncAPI 3, Message Example Object)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import jsonschema_rs

from chanspec.asyncapi.payloads import validator
from chanspec.asyncapi.plain import plain
from chanspec.contract import Message
from chanspec.problems import Problem
from chanspec.schemas import Described
from chanspec.schemas.dialect import is_writable

_KEYS = ("name", "summary", "payload")


def wire_examples(message: Message, payload: Described) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Return a message's examples in JSON form, and what was wrong with those that had to be left out.

    The official parser refuses a document with an example that has other keys or no payload, and readers of the
    document would be misled by one that does not match its payload.
    """
    checker = _Checker(payload)
    kept: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for position, example in enumerate(message.examples):
        try:
            kept.append(checker.checked(example))
        except _WrongExample as error:
            name = example.get("name") if isinstance(example, Mapping) else None
            label = repr(name) if name and isinstance(name, str) else position + 1
            what = f"example {label} of {message.value!r} {error.what}, so it is left out"
            problems.append(Problem(message.where, what, error.cure))
    return kept, problems


class _WrongExample(Exception):  # noqa: N818 - reads as what it says
    def __init__(self, what: str, cure: str) -> None:
        super().__init__(what, cure)
        self.what = what
        self.cure = cure


class _Checker:
    def __init__(self, payload: Described) -> None:
        self.payload = payload

    @cached_property
    def validator(self) -> jsonschema_rs.Draft7Validator:
        return validator(self.payload.root, self.payload.definitions)

    def checked(self, example: Any) -> dict[str, Any]:
        """Return an example in JSON form.

        Raises:
            _WrongExample: It may not stand in a document.
        """
        if not isinstance(example, Mapping):
            raise _WrongExample("is no dict", 'write {"name": …, "payload": {…}}')
        if "payload" not in example:
            raise _WrongExample("has no payload", 'put the message\'s fields under "payload"')
        if unknown := [str(key) for key in example if key not in _KEYS]:
            raise _WrongExample(f"has the unknown key {unknown[0]!r}", "use only name, summary and payload")
        try:
            form: dict[str, Any] = plain(example, "example")
        except (TypeError, ValueError) as error:
            raise _WrongExample(f"is not JSON ({error})", "use plain values in it") from error
        for key in ("name", "summary"):
            if not isinstance(form.get(key, ""), str):
                raise _WrongExample(f"has a {key} that is no string", f"write {key} as text")
        if not is_writable(form):
            raise _WrongExample("has a key that readers of AsyncAPI do not survive", "use no $ref or __proto__ in it")
        self.match(form["payload"])
        return form

    def match(self, payload: Any) -> None:
        mismatch = next(self.validator.iter_errors(payload), None)
        if mismatch is None:
            return
        place = ".".join(str(part) for part in mismatch.instance_path)
        where = f" at {place}" if place else ""
        if mismatch.kind.name == "required":
            missing = ", ".join(map(repr, self._missing(payload, mismatch.instance_path)))
            what = f"is incomplete: it lacks {missing}{where}"
            raise _WrongExample(what, "put what is missing into it, or let the payload do without")
        what = f"does not match its payload{where} ({mismatch.message})"
        raise _WrongExample(what, "correct the example or the payload")

    def _missing(self, payload: Any, place: list[str | int]) -> list[str]:
        """The required fields that an object in a payload has not."""
        errors = (each for each in self.validator.iter_errors(payload) if each.kind.name == "required")
        return [each.kind.as_dict()["property"] for each in errors if each.instance_path == place]
