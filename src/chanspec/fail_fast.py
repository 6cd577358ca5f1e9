"""Validators that stop at the first mistake, so that an invalid message costs no more than a valid one of its size.

pydantic-core collects every mistake: a list of 350,000 empty objects for ``list[A | B | C]`` becomes a million errors,
12 seconds and 2.4 GB. Lists and the like have ``fail_fast``. For all else that a client can multiply (the entries of a
dict before pydantic 2.14, unknown fields, models within themselves) the core schema is rewritten:

- A *trap* is a union, tried left to right, of a schema and of one that always fails by calling a function. It raises an
  exception that is no ``ValidationError``, which pydantic-core hands through at once. Valid input never gets there.
- A *guard* is around a choice of a union, where a mistake is no end: it turns what a trap raised into one mistake.

Neither calls Python for input that is valid, and both read JSON as the schema inside them does, which a function around
it would not. Unions of models within themselves take a time that is exponential in the depth: there each attempt is
counted, up to a limit.

What the mistakes of an ordinary message are is told by the validator that the class has anyway.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, NamedTuple, NoReturn, get_args, get_type_hints

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError, SchemaValidator, core_schema, from_json

from chanspec.aliases import OPAQUE, nodes, validator

MAX_LISTED = 300
"""How many errors a message may have, at most, for all to be listed: one takes 3 µs and 2 kB."""

MAX_RETRIED = 3000
"""The same where the choices of a union are tried within each other, and nearly all of these are never made."""

MAX_UNDECIDED = 1000
"""Values of a message that is validated without bounds if an application's validator raised what is no mistake."""

Path = tuple[str | int, ...]


class _Stopped(Exception):  # noqa: N818 - a verdict
    """A trap: the input is not valid."""

    def __init__(self, path: Path = ()) -> None:
        super().__init__(path)
        self.path = path


class _Undecided(Exception):  # noqa: N818
    """A validator in a choice of a union raised what is no mistake, such as an error of its own."""


class _Exhausted(Exception):  # noqa: N818
    """A union of models within themselves was tried too often."""


class _State(threading.local):
    """Of the validation that runs in a thread.

    Attributes:
        stopped: Whether a trap raised what is on its way to a guard.
        attempts: How many are left, where they are counted.
    """

    stopped = False
    attempts = 1


_state = _State()


class Size(NamedTuple):
    """How much a text of JSON holds, at most.

    Attributes:
        values: All values.
        containers: Those that are arrays and objects.
    """

    values: int
    containers: int


def size_of(text: str) -> Size:
    """Count what a text holds, which takes 1 ns for each 10 characters."""
    containers = text.count("[") + text.count("{")
    return Size(1 + text.count(",") + containers, containers)


class FailFast:
    """Validates by a core schema, at a cost that a client cannot multiply.

    Attributes:
        read: A text of JSON to a value, as fast as pydantic-core is. What it raises says only that the text is not
            valid: :meth:`explain` says why.
    """

    def __init__(self, schema: Any, full: SchemaValidator, named: Callable[[Any], Path] | None = None) -> None:
        """Build what stops early, where there is anything that can be multiplied.

        Args:
            schema: The core schema.
            full: Its validator, which collects every mistake.
            named: Where the mistakes of some input are, if nothing more is known.
        """
        self._named = named or (lambda _: ())
        rewriting = _Rewriting(schema)
        rewritten = rewriting.walk(schema)
        self._full = full
        self._is_bounded = not rewriting.changed  # by itself: its mistakes are as many as its fields
        self._fast = full if self._is_bounded else validator(rewritten)
        self._counts = rewriting.counts > 0
        self._choices = rewriting.counts
        self._fixed, self._each = rewriting.most_errors(schema)
        self.read: Callable[[str], Any] = self._fast.validate_json
        if self._counts:
            self.read = self._counting(self._fast.validate_json, len)

    def validate_json(self, text: str) -> Any:
        """Read a text.

        Raises:
            ValidationError: It is not valid. Of an ordinary message this has every mistake, of any other the first.
            Exception: What a validator of the application's raises.
        """
        try:
            return self.read(text)
        except Exception as error:
            return self.explain(text, error)

    def explain(self, text: str, error: Exception) -> Any:
        """Say what is wrong with a text that ``read`` refused; see :meth:`validate_json`."""
        full = functools.partial(self._full.validate_json, text)
        return self._explain(error, size_of(text), full, functools.partial(from_json, text))

    def validate_python(self, value: Any, size: Size) -> Any:
        """Like :meth:`validate_json`, for what the text was parsed to.

        Args:
            value: The input.
            size: What its text holds.
        """
        validate: Callable[[Any], Any] = functools.partial(self._fast.validate_python, strict=False)
        if self._counts:
            validate = self._counting(validate, lambda _: 2 * size.values)
        try:
            return validate(value)
        except Exception as error:
            full = functools.partial(self._full.validate_python, value, strict=False)
            return self._explain(error, size, full, lambda: value)

    def _explain(self, error: Exception, size: Size, full: Callable[[], Any], content: Callable[[], Any]) -> Any:
        _state.stopped = False
        if self._is_bounded:
            raise error
        if self.lists_all(size):
            return full()
        if isinstance(error, _Undecided) and size.values <= MAX_UNDECIDED and not self._counts:
            return full()
        if isinstance(error, _Exhausted):
            raise _refused("too_complex", "Input has too many possible readings", *self._named(content())) from None
        if isinstance(error, _Stopped | _Undecided):
            path = getattr(error, "path", ()) or self._named(content())
            raise _refused("invalid", "Input is not valid", *path) from None
        raise error

    def lists_all(self, size: Size) -> bool:
        """Whether a message of some size has every mistake told."""
        most: int = self._fixed + self._each * size.values
        if self._choices:  # of a union within itself: each level may have the errors of each choice
            most *= self._choices ** min(size.containers - 1, 20)
            return most <= MAX_RETRIED
        return most <= MAX_LISTED

    def _counting(self, validate: Callable[[Any], Any], length: Callable[[Any], int]) -> Callable[[Any], Any]:
        def counting(value: Any) -> Any:
            _state.attempts = 2000 + self._choices * length(value)
            try:
                return validate(value)
            except Exception:
                if _state.attempts <= 0:
                    raise _Exhausted from None
                raise
            finally:
                _state.attempts = 1

        return counting


def _refused(kind: Any, text: Any, *path: str | int) -> ValidationError:
    error: InitErrorDetails = {"type": PydanticCustomError(kind, text), "loc": path, "input": None}
    return ValidationError.from_exception_data("message", [error])


# Traps and guards


def _stop(path: Path) -> NoReturn:
    _state.stopped = True
    raise _Stopped(path)


_REJECTED = object()


class _Kept(type):
    def __instancecheck__(cls, value: Any) -> bool:
        return value is not _REJECTED


class _NotRejected(metaclass=_Kept):
    """What everything is an instance of, but for what a guard puts in the place of invalid input."""


def _reject() -> object:
    """Called where a choice of a union ended in an exception, of whatever kind: it is not told of which."""
    if _state.attempts <= 0:
        raise _Exhausted
    if not _state.stopped:
        raise _Undecided
    _state.stopped = False
    return _REJECTED


def _count(value: Any = _REJECTED) -> Any:
    """Count an attempt, one that succeeded with a value or one that failed."""
    _state.attempts -= 1
    if _state.attempts <= 0:
        raise _Exhausted
    return value


def _reject_counted() -> object:
    _reject()
    return _count()


def _failing(path: Path) -> Any:
    """A schema that no input satisfies, and that says so by an exception.

    No input is a private class. Other schemas that nothing satisfies make Python objects of the input first.
    """
    return core_schema.with_default_schema(
        core_schema.is_subclass_schema(_NotRejected), default_factory=functools.partial(_stop, path), on_error="default"
    )


def _trapped(schema: Any, path: Path) -> Any:
    # What others refer to is the union: a definition that is one, `type Tree = int | list[Tree]`, keeps its name.
    reference = {"ref": schema["ref"]} if "ref" in schema else {}
    inner: Any = {key: value for key, value in schema.items() if key != "ref"}
    return {**core_schema.union_schema([inner, _failing(path)], mode="left_to_right"), **reference}


def _guarded(schema: Any, *, counts: bool, calls: bool) -> Any:
    """Put a guard around a choice.

    Args:
        schema: The choice's.
        counts: Whether attempts are counted.
        calls: Whether code of the application's is called, which may raise what is no mistake.
    """
    if calls:
        reject: Any = {"default_factory": _reject_counted if counts else _reject}
        schema = _trapped(schema, ())  # so that whatever else is raised can be told apart
    else:
        reject = {"default_factory": _count} if counts else {"default": _REJECTED}
    rejected = core_schema.with_default_schema(schema, on_error="default", **reject)
    return core_schema.chain_schema([rejected, core_schema.is_instance_schema(_NotRejected)])


def _without_extra(model: Any) -> Any:
    """Make a model whose unknown fields are trapped like one that forbids them: it has no dict of them."""
    object.__setattr__(model, "__pydantic_extra__", None)
    return model


class _Handler:
    """The handler of a wrap validator, which may go on after a mistake and so is told of it as pydantic tells it."""

    def __init__(self, handler: Any) -> None:
        self._handler = handler

    def __call__(self, *arguments: Any) -> Any:
        try:
            return self._handler(*arguments)
        except _Stopped as error:
            _state.stopped = False
            raise _refused("invalid", "Input is not valid", *error.path) from None


def _with_handler(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda value, handler, *info: function(value, _Handler(handler), *info)


# The rewriting of a core schema

_ENTRIES = ("items_schema", "keys_schema", "values_schema")
NATIVE = frozenset(
    kind
    for schema in vars(core_schema).values()
    if isinstance(schema, type) and "fail_fast" in getattr(schema, "__annotations__", ())
    for kind in get_args(get_type_hints(schema, dict(vars(core_schema)))["type"])
)
"""The containers that pydantic-core can be told to leave at the first mistake."""
_FIELDS = ("model-fields", "typed-dict")
_CONFIGURED = ("dataclass", "model", "typed-dict")  # which never look at the config around them


class _Rewriting:
    """One pass over a core schema.

    Attributes:
        changed: Whether anything was.
        counts: How many choices a union has whose attempts are counted; 0 where there is none.
    """

    def __init__(self, schema: Any) -> None:
        self.changed = False
        self.counts = 0
        self._definitions = {
            each["ref"]: each
            for each in nodes(schema)
            if each.get("type") == "definitions"
            for each in each["definitions"]
        }
        direct = {ref: set(_references(each)) for ref, each in self._definitions.items()}
        self._reached = {ref: _closure(ref, direct) for ref in direct}
        self._multiplied: dict[str, bool] = {}
        self._path: Path = ()
        self._within = ""  # the definition that is being walked
        self._is_final = True  # whether a mistake where the walk is refuses the whole message
        self._extra = "ignore"  # what the model around does with unknown fields

    def walk(self, node: Any) -> Any:
        if isinstance(node, list | tuple):
            return type(node)(self.walk(each) for each in node)
        if not isinstance(node, Mapping):
            return node
        kind = node.get("type")
        outer = self._extra
        if kind in _CONFIGURED:
            self._extra = (node.get("config") or {}).get("extra_fields_behavior", "ignore")
        try:
            special: Callable[[Any, Any], Any] | None = self._KINDS.get(kind) if isinstance(kind, str) else None
            if special is not None:
                return special(self, node)
            return self._container(node) if any(key in node for key in _ENTRIES) else self._children(node)
        finally:
            self._extra = outer

    def _children(self, node: Mapping[str, Any], **changed: Any) -> dict[str, Any]:
        walked = {**node, **changed}
        for key, value in node.items():
            if key in _FIXED or key in changed:
                continue
            if key == "fields" and isinstance(value, Mapping):
                walked[key] = {name: self._field(name, each) for name, each in value.items()}
            elif key == "choices" and isinstance(value, Mapping):
                walked[key] = {tag: self._choice(tag, each) for tag, each in value.items()}
            else:
                walked[key] = self.walk(value)
        return walked

    def _at(self, place: str, node: Any) -> Any:
        outer, self._path = self._path, (*self._path, place)
        try:
            return self.walk(node)
        finally:
            self._path = outer

    def _choice(self, tag: Any, node: Any) -> Any:
        return self._at(tag, node) if isinstance(tag, str) else self.walk(node)

    def _field(self, name: str, field: Mapping[str, Any]) -> Any:
        alias = field.get("validation_alias")
        walked = self._at(alias if isinstance(alias, str) else name, field)
        # Where one mistake stops all, nothing is tried that is below the next.
        if self._is_final and self._is_recursive(self._within):
            walked["schema"] = self._inmost(walked["schema"], self._trap)
        return walked

    def _survived(self, node: Any) -> tuple[Any, bool]:
        """Walk what is tried, and whose mistakes need not be the message's.

        Returns:
            What it becomes, and whether there are traps in it. Without any its mistakes are as few as its fields.
        """
        is_multiplied = self._is_multiplied(node)
        outer, self._is_final = self._is_final, is_multiplied
        try:
            return self.walk(node), is_multiplied
        finally:
            self._is_final = outer

    def _inmost(self, schema: Any, change: Callable[[Any], Any]) -> Any:
        """Change what is inside defaults, which a missing field has to find."""
        if schema["type"] == "default":
            return {**schema, "schema": self._inmost(schema["schema"], change)}
        if any(each.get("type") == "default" for each in nodes(schema, deep=False)):
            return schema
        return change(schema)

    def _trap(self, schema: Any) -> Any:
        self.changed = True
        return _trapped(schema, self._path)

    # By the kind of a schema

    def _container(self, node: Any) -> Any:
        walked = self._children(node)
        if node["type"] in NATIVE:
            self.changed = True
            return {**walked, "fail_fast": True}
        for key in _failing_entries(node):
            walked[key] = self._trap(walked[key])
        return walked

    def _leave(self, node: Any) -> Any:
        return node

    def _record(self, node: Any) -> Any:
        behavior = node.get("extra_behavior", self._extra)
        walked = self._children(node)
        if behavior == "forbid":
            self.changed = True
            walked.update(extra_behavior="allow", extras_schema=_failing(self._path))
        elif "extras_schema" in node and behavior == "allow":
            walked["extras_schema"] = self._trap(walked["extras_schema"])
        return walked

    def _model(self, node: Any) -> Any:
        if node.get("custom_init"):
            return node  # pydantic-core calls the class, which has a validator of its own
        forbids = _extra_of(node, self._extra) == "forbid"
        walked: Any = self._children(node)
        if not forbids or node.get("root_model"):
            return walked
        reference = {"ref": walked.pop("ref")} if "ref" in walked else {}
        return {**core_schema.no_info_after_validator_function(_without_extra, walked), **reference}

    def _dataclass(self, node: Any) -> Any:
        walked: Any = self._children(node)
        arguments = next((each for each in nodes(node["schema"], deep=False) if "dataclass_name" in each), None)
        if arguments is None or self._extra != "forbid":
            return walked
        # Its unknown fields cannot be trapped. A first choice, which never takes anything, looks for some.
        self.changed = True
        fields = {
            each["name"]: core_schema.typed_dict_field(
                core_schema.any_schema(), required=False, validation_alias=each.get("validation_alias")
            )
            for each in arguments["fields"]
        }
        known = core_schema.typed_dict_schema(
            fields, extra_behavior="allow", extras_schema=_failing(self._path), config=node.get("config")
        )
        never = core_schema.chain_schema([known, core_schema.is_subclass_schema(_NotRejected)])
        reference = {"ref": walked.pop("ref")} if "ref" in walked else {}
        return {
            **core_schema.union_schema([never, walked, _failing(self._path)], mode="left_to_right"),
            **reference,
        }

    def _reference(self, node: Any) -> Any:
        return self._trap(node) if self._is_recursive(node["schema_ref"]) else node

    def _define(self, node: Any) -> Any:
        definitions = []
        for each in node["definitions"]:
            outer = self._path, self._within, self._extra, self._is_final
            self._path, self._within, self._extra, self._is_final = (), each["ref"], "ignore", True
            definitions.append(self.walk(each))
            self._path, self._within, self._extra, self._is_final = outer
        return {**node, "schema": self.walk(node["schema"]), "definitions": definitions}

    def _union(self, node: Any) -> Any:
        choices = []
        is_guarded = False
        for each in node["choices"]:
            choice, label = each if isinstance(each, tuple) else (each, None)
            walked, is_multiplied = self._survived(choice)
            if is_multiplied:
                is_guarded = True
                if counts := self._within in self._reaches(choice):
                    self.counts = max(self.counts, len(node["choices"]))
                    walked = core_schema.no_info_after_validator_function(_count, walked)
                walked = _guarded(walked, counts=counts, calls=self._calls(choice, set()))
            choices.append(walked if label is None else (walked, label))
        union = {**node, "choices": choices}
        return self._trap(union) if is_guarded else union

    def _wrap(self, node: Any) -> Any:
        inner, is_multiplied = self._survived(node["schema"])
        walked = {**node, "schema": inner}
        if is_multiplied:
            function = node["function"]
            walked["function"] = {**function, "function": _with_handler(function["function"])}
        return walked

    _KINDS: ClassVar[Mapping[str, Any]] = {
        **dict.fromkeys(_FIELDS, _record),
        "dataclass": _dataclass,
        "definition-ref": _reference,
        "definitions": _define,
        "function-wrap": _wrap,
        "generator": _leave,  # validated item by item, while it is used
        "model": _model,
        "union": _union,
    }

    # What is true of a schema

    def _is_recursive(self, ref: str) -> bool:
        return ref in self._reached.get(ref, ())

    def _reaches(self, node: Any) -> set[str]:
        """The definitions that a schema leads to."""
        found = set(_references(node))
        return found.union(*(self._reached[ref] for ref in found if ref in self._reached))

    def _calls(self, node: Any, seen: set[str]) -> bool:
        """Whether a schema calls functions."""
        for each in nodes(node):
            if str(each.get("type")).startswith(("function-", "call")) or any(each.get(key) for key in _CALLS):
                return True
            ref = each.get("schema_ref")
            if ref is not None and ref not in seen:
                seen.add(ref)
                if self._calls(self._definitions.get(ref), seen):
                    return True
        return False

    def _is_multiplied(self, node: Any) -> bool:
        """Whether there are traps in what a schema becomes."""
        return any(self._is_multiplying(each) for each in nodes(node, stop=("function-wrap", "generator")))

    def _is_multiplying(self, node: Mapping[str, Any]) -> bool:
        kind = node.get("type")
        if kind not in NATIVE and _failing_entries(node):
            return True
        if kind == "definition-ref":
            return self._is_multiplied_at(node["schema_ref"])
        behavior = node.get("extra_behavior") or (node.get("config") or {}).get("extra_fields_behavior")
        return "extras_schema" in node or behavior == "forbid"

    def _is_multiplied_at(self, ref: str) -> bool:
        if ref not in self._multiplied:
            self._multiplied[ref] = True  # while it is looked at
            is_so = self._is_recursive(ref) or self._is_multiplied(self._definitions.get(ref, {}))
            self._multiplied[ref] = is_so
        return self._multiplied[ref]

    def most_errors(self, schema: Any) -> tuple[int, int]:
        """How many errors a message may have at most: in itself, and for each value in it."""
        each = 1
        for node in nodes(schema):
            kind = node.get("type")
            items = [node[key] for key in _ENTRIES if key in node]
            if items:
                each = max(each, sum(self._errors(item, ()) for item in items))
            elif kind == "definitions":
                recursive = [item for item in node["definitions"] if self._is_recursive(item["ref"])]
                each = max([each, *(self._errors(item, (item["ref"],)) for item in recursive)])
        return self._errors(schema, ()), each

    def _errors(self, node: Any, within: tuple[str, ...]) -> int:
        """How many errors one value may have, but for those of items and of models within themselves."""
        if isinstance(node, list | tuple):
            return sum(self._errors(each, within) for each in node)
        if not isinstance(node, Mapping):
            return 0
        kind = node.get("type")
        if any(key in node for key in _ENTRIES):
            return 1
        if kind == "definition-ref":
            ref = node["schema_ref"]
            if ref in within or self._is_recursive(ref):
                return 1
            return self._errors(self._definitions.get(ref), (*within, ref))
        if kind == "definitions":
            return self._errors(node["schema"], within)
        if kind == "tagged-union":
            return max((self._errors(each, within) for each in node["choices"].values()), default=1)
        total = 0
        for key, value in node.items():
            if key in _FIXED:
                continue
            if isinstance(value, Mapping) and key in ("fields", "choices"):
                total += sum(self._errors(each, within) for each in value.values())
            elif isinstance(value, Mapping | list | tuple):
                total += self._errors(value, within)
        return max(total, 1)


_CALLS = ("custom_init", "post_init", "default_factory", "missing", "function")
_FIXED = OPAQUE | {"serialization"}


def _references(node: Any) -> Iterator[str]:
    for each in nodes(node):
        if each.get("type") == "definition-ref":
            yield each["schema_ref"]


def _closure(ref: str, direct: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(direct[ref])
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += direct.get(each, ())
    return found


def _extra_of(model: Mapping[str, Any], outer: str) -> str:
    """What a model does with unknown fields."""
    own = next((each for each in nodes(model["schema"], deep=False) if each.get("type") == "model-fields"), {})
    extra: str = own.get("extra_behavior", outer)
    return extra


def _failing_entries(node: Mapping[str, Any]) -> list[str]:
    """Which entries of a container may be wrong: not those of any type, nor keys that may be any string."""
    failing = []
    for key in _ENTRIES:
        schema = node.get(key)
        if isinstance(schema, Mapping):
            is_any = schema["type"] == "any"
            is_any_key = key == "keys_schema" and schema["type"] == "str" and not set(schema) - {"type", "metadata"}
            if not (is_any or is_any_key):
                failing.append(key)
    return failing
