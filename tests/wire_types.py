"""Types whose JSON is not what one would think, each with values and with JSON that is none of it. No tests here."""

import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import ipaddress
import json
import pathlib
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple, NewType, NotRequired, Optional

import pydantic
import typing_extensions
from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    PlainSerializer,
    RootModel,
    SerializeAsAny,
    Tag,
    WrapSerializer,
    computed_field,
    field_serializer,
    model_serializer,
)

Decimal = decimal.Decimal
Date, Moment, Time, Delta = datetime.date, datetime.datetime, datetime.time, datetime.timedelta
INFINITE, NOT_A_NUMBER = float("inf"), float("nan")


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Permission(enum.IntFlag):
    READ = 1
    WRITE = 2
    RUN = 4


class Side(enum.Flag):
    LEFT = 1
    RIGHT = 2


class Gapped(enum.Flag):
    ONE = 1
    FOUR = 4


class Mixed(enum.Enum):
    TEXT = "red"
    NUMBER = 1
    FRACTION = 1.5
    PAIR = (1, 2)
    NOTHING = None


class Pairs(enum.Enum):
    FIRST = (1, 2)


class Word(enum.StrEnum):
    ONE = "one"


class Strings(BaseModel):
    model_config = ConfigDict(ser_json_inf_nan="strings")
    x: float
    several: list[float] = []
    named: dict[str, float | None] = {}
    finite: pydantic.FiniteFloat = 1.0


@dataclasses.dataclass
class Inner:
    x: float


class StringsInside(BaseModel):
    model_config = ConfigDict(ser_json_inf_nan="strings")
    inner: Inner


@dataclasses.dataclass
class Later:
    after: Delta
    at: Moment


class SecondsInside(BaseModel):
    model_config = ConfigDict(ser_json_timedelta="float")
    inner: Later


class TemporalInside(BaseModel):
    model_config = ConfigDict(ser_json_temporal="seconds")
    inner: Later


class Nulls(BaseModel):
    model_config = ConfigDict(ser_json_inf_nan="null")
    x: float


class Seconds(BaseModel):
    model_config = ConfigDict(ser_json_timedelta="float")
    x: Delta
    keys: dict[Delta, int] = {}


class Temporal(BaseModel):
    model_config = ConfigDict(ser_json_temporal="milliseconds")
    a: Moment
    b: Date
    c: Time
    d: Delta


class Base64(BaseModel):
    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")
    x: bytes


class Hex(BaseModel):
    model_config = ConfigDict(ser_json_bytes="hex", val_json_bytes="hex")
    x: bytes


class Perhaps(BaseModel):
    x: int = Field(exclude_if=lambda value: value == 0)
    y: int = 3


class Hidden(BaseModel):
    x: int = Field(0, exclude=True)
    y: int


class Serialized(BaseModel):
    plain: int
    typed: int
    wrapped: int

    @field_serializer("plain")
    def write_plain(self, value: Any):  # type: ignore[no-untyped-def]
        return [value]

    @field_serializer("typed")
    def write_typed(self, value: Any) -> str:
        return str(value)

    @field_serializer("wrapped", mode="wrap")
    def write_wrapped(self, value: Any, handler: Any) -> list[int]:
        return [handler(value)]


class UnlessNone(BaseModel):
    x: int | None

    @field_serializer("x", when_used="json-unless-none")
    def write(self, value: Any) -> str:
        return str(value)


@dataclasses.dataclass
class SerializedField:
    x: Annotated[int | None, PlainSerializer(str, return_type=str)]


class Whole(BaseModel):
    x: int

    @model_serializer
    def write(self):  # type: ignore[no-untyped-def]
        return {"other": self.x}


class WholeTyped(BaseModel):
    x: int

    @model_serializer
    def write(self) -> dict[str, str]:
        return {"other": str(self.x)}


class Computed(BaseModel):
    x: int

    @computed_field(alias="zed")  # type: ignore[prop-decorator]
    @property
    def z(self) -> list[int]:
        return [self.x]


class Aliased(BaseModel):
    x: int = Field(serialization_alias="eX")
    y: int = Field(1, validation_alias="inY")
    z: int = Field(1, alias="zz")
    w: int = Field(1, validation_alias=pydantic.AliasChoices("w1", "w2"))


class Base(BaseModel):
    x: int


class Sub(Base):
    y: int


class AsAny(BaseModel):
    of: SerializeAsAny[Base]


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"


class Told(BaseModel):
    pet: Cat | Dog = Field(discriminator="kind")
    other: Annotated[Annotated[Cat, Tag("c")] | Annotated[Dog, Tag("d")], Discriminator(lambda _: "c")]


class Extra(BaseModel):
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, int]
    x: int


class Counts(RootModel[dict[Level, int]]):
    pass


@dataclasses.dataclass
class List:
    value: int
    next: "List | None" = None


class Dict(typing_extensions.TypedDict):
    value: int
    next: NotRequired["Dict"]


class Tuple(NamedTuple):
    value: int
    next: Optional["Tuple"] = None


Tree = typing_extensions.TypeAliasType("Tree", "int | list[Tree] | dict[Level, Tree]")
Keys = typing_extensions.TypeAliasType("Keys", Level)


class Numbers(BaseModel):
    x: Decimal
    limited: Annotated[Decimal, Field(max_digits=6, decimal_places=2)] = Decimal("1.50")


CORPUS: dict[str, tuple[Any, list[Any], list[Any]]] = {
    "keys of an int enum": (dict[Level, int], [{Level.LOW: 1}], [{"3": 1}, {"LOW": 1}]),
    "keys of an alias": (dict[Keys, int], [{Level.LOW: 1}], [{"3": 1}]),
    "keys of whole numbers": (dict[int, int], [{1: 1, -5: 2, 0: 3}], [{"x": 1}, {"1.5": 1}]),
    "keys above zero": (dict[Annotated[int, Field(gt=0)], int], [{1: 1}], [{"0": 1}, {"-1": 1}]),
    "keys of numbers": (dict[float, int], [{1.5: 1, 1.0: 2, 1e30: 3, -1e-9: 4}], [{"x": 1}]),
    "keys that are not finite": (dict[float, int], [{INFINITE: 1, -INFINITE: 2}, {NOT_A_NUMBER: 3}], [{"x": 1}]),
    "keys of decimals": (dict[Decimal, int], [{Decimal("1E-7"): 1, Decimal("1.0"): 2}], [{"x": 1}]),
    "keys of bools": (dict[bool, int], [{True: 1, False: 2}], [{"x": 1}]),
    "keys of strings in a literal": (dict[Literal["a", "b"], int], [{"a": 1}], [{"c": 1}]),
    "keys of identifiers": (dict[uuid.UUID, int], [{uuid.UUID(int=1): 1}], [{"x": 1}]),
    "keys of dates": (dict[Date, int], [{Date(2020, 1, 1): 1}], [{"x": 1}]),
    "keys of moments": (dict[Moment, int], [{Moment(2020, 1, 1): 1}], [{"x": 1}]),
    "keys of durations": (dict[Delta, int], [{Delta(1): 1}], [{"x": 1}]),
    "keys of addresses": (dict[ipaddress.IPv4Address, int], [{ipaddress.IPv4Address("1.1.1.1"): 1}], [{"x": 1}]),
    "keys of paths": (dict[pathlib.Path, int], [{pathlib.Path("/a"): 1}], []),
    "keys of two types": (dict[int | Word, int], [{1: 1, Word.ONE: 2}], [{"x": 1}]),
    "keys of a new type": (dict[NewType("Number", int), int], [{1: 1}], [{"x": 1}]),
    "keys with a pattern": (dict[Annotated[str, Field(pattern="^a")], int], [{"ab": 1}], []),
    "keys of any type": (dict[Any, int], [{1: 1, None: 2, "x": 3}], []),
    "a mapping": (Mapping[Level, int], [{Level.LOW: 1}], [{"3": 1}]),
    "a default dict": (collections.defaultdict[Level, int], [{Level.LOW: 1}], [{"3": 1}]),
    "a counter": (collections.Counter[Level], [collections.Counter([Level.LOW])], [{"3": 1}]),
    "a root model of a dict": (Counts, [Counts({Level.LOW: 1})], [{"3": 1}]),
    "flags": (Permission, [Permission.READ | Permission.RUN, Permission(0), Permission.RUN], ["x", 1.5]),
    "flags of no number": (Side, [Side.LEFT | Side.RIGHT, Side.LEFT, Side(0)], [4, "LEFT"]),
    "flags with a gap": (list[Gapped], [[Gapped.ONE | Gapped.FOUR, Gapped(0)]], [[2], [3]]),
    "a literal of members": (Literal[Level.LOW, Permission.READ, Word.ONE], [Level.LOW, Word.ONE], [2, "two"]),
    "numbers that may be strings": (
        Strings,
        [Strings(x=INFINITE, several=[NOT_A_NUMBER, -INFINITE], named={"a": NOT_A_NUMBER, "b": None}), Strings(x=1)],
        [{"x": "x"}],
    ),
    "numbers in a dataclass in it": (StringsInside, [StringsInside(inner=Inner(INFINITE))], [{"inner": {"x": "x"}}]),
    "numbers that may be null": (Nulls, [Nulls(x=INFINITE), Nulls(x=1)], [{"x": "x"}]),
    "seconds": (Seconds, [Seconds(x=Delta(1, 5), keys={Delta(1): 1})], [{"x": "x"}]),
    "milliseconds": (
        Temporal,
        [Temporal(a=Moment(2020, 1, 1), b=Date(2020, 1, 1), c=Time(1, 2, 3, 4), d=Delta(1, 4))],
        [{"a": "x", "b": 1, "c": 1, "d": 1}],
    ),
    "seconds in a dataclass in it": (SecondsInside, [SecondsInside(inner=Later(Delta(1), Moment(2020, 1, 1)))], []),
    "times in a dataclass in it": (TemporalInside, [TemporalInside(inner=Later(Delta(1), Moment(2020, 1, 1)))], []),
    "bytes in Base64": (Base64, [Base64.model_construct(x=b"\xff\x00a")], [{"x": 1}]),
    "bytes in hex": (Hex, [Hex.model_construct(x=b"\xff\x00a")], [{"x": 1}]),
    "decimals": (Decimal, [Decimal("1E-7"), Decimal("1E+30"), Decimal("5"), Decimal("-0E+5")], ["x", [], None]),
    "decimals of a model": (Numbers, [Numbers(x=Decimal("1E-7"))], [{"x": "1,5"}]),
    "a field that is left out by its value": (Perhaps, [Perhaps(x=0), Perhaps(x=1)], [{}]),
    "a field that is left out": (Hidden, [Hidden(y=1)], [{"x": 1}]),
    "computed fields": (Computed, [Computed(x=1)], [{"zed": [1]}]),
    "aliases": (Aliased, [Aliased(x=1)], [{}]),
    "a serializer that writes null as it is": (UnlessNone, [UnlessNone(x=1), UnlessNone(x=None)], [{"x": []}]),
    "a serializer of a field of a dataclass": (SerializedField, [SerializedField(1)], [{"x": []}]),
    "a serializer of a model": (WholeTyped, [WholeTyped(x=1)], []),
    "a subclass": (AsAny, [AsAny(of=Sub(x=1, y=2))], [{"of": {"y": 1}}]),
    "tagged unions": (Told, [Told(pet=Dog(), other=Cat())], [{"pet": {}}]),
    "fields of any name": (Extra, [Extra(x=1, other=2)], [{"x": 1, "other": "x"}]),
    "a dataclass in itself": (List, [List(1, List(2))], [{"value": 1, "next": {}}]),
    "a typed dict in itself": (Dict, [{"value": 1, "next": {"value": 2}}], [{"value": 1, "next": {}}]),
    "a named tuple in itself": (Tuple, [Tuple(1, Tuple(2)), Tuple(1)], [[], [1, [None]]]),
    "an alias in itself": (Tree, [1, [1, [2]], {Level.LOW: [1]}], ["x", [["x"]], {"x": 1}]),
    "a secret": (pydantic.SecretStr, [pydantic.SecretStr("x")], [1]),
    "text that is JSON": (pydantic.Json[list[int]], [], [1]),
    "a path": (pathlib.Path, [pathlib.Path("/a")], [1]),
    "a network": (ipaddress.IPv4Network, [ipaddress.IPv4Network("1.1.1.0/24")], ["x"]),
    "a complex number": (complex, [1 + 2j], []),
    "a fraction": (fractions.Fraction, [fractions.Fraction(1, 3)], []),
    "a pattern": (re.Pattern, [re.compile("(?P<a>x)"), re.compile("(?i)a")], [1]),
    "a set": (set[Level], [{Level.LOW}], [[3]]),
    "a sequence": (Sequence[int], [(1, 2)], ["x"]),
    "a deque": (collections.deque[int], [collections.deque([1])], ["x"]),
    "a duration": (Delta, [Delta(0), Delta(-1, 5), Delta(400), Delta(microseconds=1)], ["x"]),
    "Base64": (pydantic.Base64Bytes, [b"a", b"\xff\xff"], [1]),
    "a link": (pydantic.HttpUrl, [pydantic.HttpUrl("http://a")], [1]),
    "a code point": (Annotated[str, Field(max_length=1)], ["😀"], ["ab"]),
    "a function": (pydantic.ImportString, [json.dumps], []),
}
"""A type, values of it, and JSON that clients cannot send for it, by name."""

WRITTEN_ONLY = frozenset(
    {"a function", "a field that is left out", "a field that is left out by its value", "aliases", "a secret"}
    | {"a serializer of a model", "numbers that may be strings", "numbers in a dataclass in it"}
    | {"numbers that may be null", "keys that are not finite", "text that is JSON", "seconds", "milliseconds"}
    | {"seconds in a dataclass in it", "times in a dataclass in it", "a serializer of a field of a dataclass"}
)
"""Those that are written otherwise than they are read."""

NARROWER = frozenset({"a pattern", "a serializer that writes null as it is"})
"""Those whose document tells clients one way to write them of several that are read: as a pattern of ECMA-262."""

LOOSER = frozenset({"a network", "a path", "keys with a pattern"})
"""Those whose document allows more than pydantic reads."""

UNKNOWN: dict[str, tuple[Any, Any, str]] = {
    "a serializer without a return annotation": (
        Serialized,
        Serialized(plain=1, typed=2, wrapped=3),
        "the serializer Serialized.write_plain does not say what it returns, so the document allows any value",
    ),
    "a serializer of a model without one": (Whole, Whole(x=1), "the serializer Whole.write does not say"),
    "a serializer in an annotation": (
        Annotated[int, PlainSerializer(lambda value: [value])],
        1,
        "the serializer <lambda> does not say what it returns",
    ),
    "one that is around another": (
        Annotated[int, WrapSerializer(lambda value, handler: [handler(value)])],
        1,
        "the serializer <lambda> does not say what it returns",
    ),
}
"""A type that may be written as anything, a value, and what the document's author is told."""

UNREADABLE: dict[str, tuple[Any, Any, str]] = {
    "keys of numbers in a literal": (dict[Literal[1, 2], int], {1: 1}, "clients can only send empty"),
    "keys of tuples": (dict[tuple[int, int], int], {(1, 2): 1}, "clients can only send empty"),
    "an enum of tuples": (Pairs, Pairs.FIRST, "pydantic reads no value of Pairs from JSON"),
    "a literal of tuples": (Literal[Mixed.PAIR], Mixed.PAIR, "pydantic reads no value of Literal["),
}
"""A type that pydantic writes and cannot read, a value, and what the document's author is told."""
