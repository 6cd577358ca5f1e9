"""Every type that pydantic reads: what the agreement of schemas and validators is tested with."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import ipaddress
import pathlib
import re
import typing
import uuid
import zoneinfo
from typing import Annotated, Any, Literal

import annotated_types
import pydantic
from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    Strict,
    StringConstraints,
    WrapValidator,
)
from pydantic import types as pydantic_types


class Colour(enum.Enum):
    RED = "red"
    ONE = 1


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Size(enum.StrEnum):
    S = "s"
    L = "l"


class Rights(enum.IntFlag):
    READ = 1
    WRITE = 2


def even(value: Any) -> Any:
    if isinstance(value, int) and value % 2:
        raise ValueError("odd")
    return value


def even_length(value: Any) -> Any:
    even(len(value))
    return value


class WithFieldValidator(pydantic.BaseModel):
    a: int

    @pydantic.field_validator("a")
    @classmethod
    def check(cls, value: int) -> int:
        return int(even(value))


class WithModelValidator(pydantic.BaseModel):
    a: int
    b: int

    @pydantic.model_validator(mode="after")
    def check(self) -> typing.Self:
        if self.a > self.b:
            raise ValueError("too large")
        return self


class WithEarlyModelValidator(pydantic.BaseModel):
    a: int

    @pydantic.model_validator(mode="before")
    @classmethod
    def check(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("a") == 0:
            raise ValueError("nothing")
        return value


class WithWrappingModelValidator(pydantic.BaseModel):
    a: int

    @pydantic.model_validator(mode="wrap")
    @classmethod
    def check(cls, value: Any, handler: Any) -> Any:
        made = handler(value)
        even(made.a)
        return made


class WithPostInit(pydantic.BaseModel):
    a: int

    def model_post_init(self, context: Any, /) -> None:
        even(self.a)


class WithPrivateToo(WithPostInit):
    _cache: int = pydantic.PrivateAttr(1)


class Private(pydantic.BaseModel):
    a: int
    _cache: int = pydantic.PrivateAttr(1)


class Strictly(pydantic.BaseModel):
    model_config = ConfigDict(extra="forbid", str_min_length=2, str_max_length=5)
    name: str
    price: decimal.Decimal
    tip: Annotated[decimal.Decimal, Field(ge=0, le=10, max_digits=4, decimal_places=2)]
    inner: Strictly | None = None


class AsBase64(pydantic.BaseModel):
    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")
    data: Annotated[bytes, Field(min_length=2, max_length=4)]


@dataclasses.dataclass
class Checked:
    a: int
    b: decimal.Decimal
    c: Annotated[decimal.Decimal, Field(lt=5)]

    def __post_init__(self) -> None:
        even(self.a)


class Row(typing.NamedTuple):
    day: datetime.date
    count: int = 1


class Circle(pydantic.BaseModel):
    kind: Literal["circle"]
    radius: float


class Square(pydantic.BaseModel):
    kind: Literal["square"]
    side: Annotated[int, AfterValidator(even)]


DAY, MOMENT = datetime.date(2024, 1, 1), datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
URLS = ["AnyUrl", "AnyHttpUrl", "HttpUrl", "FileUrl", "FtpUrl", "WebsocketUrl", "AnyWebsocketUrl", "RedisDsn"]
URLS += ["PostgresDsn", "CockroachDsn", "AmqpDsn", "KafkaDsn", "NatsDsn", "MongoDsn", "MySQLDsn", "MariaDBDsn"]
URLS += ["ClickHouseDsn", "SnowflakeDsn"]
ADDRESSES = ["IPv4Address", "IPv6Address", "IPv4Network", "IPv6Network", "IPv4Interface", "IPv6Interface"]
NUMBERS = ["PositiveInt", "NonNegativeInt", "NegativeFloat", "FiniteFloat", "StrictInt", "StrictFloat", "StrictBool"]
NAMED = ["StrictStr", "StrictBytes", "IPvAnyAddress", "IPvAnyNetwork", "IPvAnyInterface", "ImportString", "ByteSize"]
NAMED += ["Base64Bytes", "Base64Str", "Base64UrlBytes", "Base64UrlStr", "SecretStr", "SecretBytes", "JsonValue", "Json"]
NAMED += ["FilePath", "DirectoryPath", "NewPath", "SocketPath", "PastDate", "FutureDate", "PastDatetime"]
NAMED += ["FutureDatetime", "AwareDatetime", "NaiveDatetime"]
UUIDS = [f"UUID{version}" for version in (1, 3, 4, 5, 6, 7, 8)]

TYPES: dict[str, Any] = {
    **{name: getattr(pydantic, name) for name in (*URLS, *NUMBERS, *NAMED, *UUIDS) if hasattr(pydantic, name)},
    **{name: getattr(ipaddress, name) for name in ADDRESSES},
    **{str(each): each for each in (int, float, bool, str, bytes, complex, Any, fractions.Fraction, uuid.UUID)},
    **{f"{each.__name__}": each for each in (datetime.date, datetime.datetime, datetime.time, datetime.timedelta)},
    "None": type(None),
    "Decimal": decimal.Decimal,
    "decimal with limits": Annotated[decimal.Decimal, Field(ge=0, le=10)],
    "decimal with exclusive limits": Annotated[decimal.Decimal, Field(gt=0, lt=decimal.Decimal("0.5"))],
    "decimal with digits": Annotated[decimal.Decimal, Field(max_digits=5, decimal_places=2)],
    "decimal in steps": Annotated[decimal.Decimal, Field(multiple_of=decimal.Decimal("0.05"))],
    "strict decimal": Annotated[decimal.Decimal, Strict()],
    "date from": Annotated[datetime.date, Field(ge=DAY)],
    "date between": Annotated[datetime.date, Field(gt=DAY, lt=datetime.date(2024, 1, 3))],
    "moment before": Annotated[datetime.datetime, Field(lt=MOMENT)],
    "time before": Annotated[datetime.time, Field(lt=datetime.time(12))],
    "at most an hour": Annotated[datetime.timedelta, Field(le=datetime.timedelta(hours=1))],
    "strict date": Annotated[datetime.date, Strict()],
    "zone": Annotated[datetime.datetime, annotated_types.Timezone("UTC")],
    "int": Annotated[int, Field(gt=3, lt=11, multiple_of=2)],
    "large int": Annotated[int, Field(ge=10**20)],
    "float": Annotated[float, Field(ge=0.5, multiple_of=0.25)],
    "str": Annotated[str, StringConstraints(min_length=2, max_length=4, pattern="^[a-z]+$")],
    "str of Unicode": Annotated[str, StringConstraints(pattern=r"^\w+$")],
    "str of Rust": Annotated[str, StringConstraints(pattern=r"\Aab\z")],
    "str stripped": Annotated[str, StringConstraints(to_lower=True, strip_whitespace=True, min_length=3)],
    "bytes": Annotated[bytes, Field(min_length=2, max_length=3)],
    "base64 with lengths": AsBase64,
    "Enum": Colour,
    "IntEnum": Level,
    "StrEnum": Size,
    "Flag": Rights,
    "Literal": Literal["a", 1, True, None],
    "url of one sort": Annotated[pydantic.AnyUrl, pydantic.UrlConstraints(max_length=60, allowed_schemes=["x+y.z"])],
    "Json of a list": pydantic.Json[list[int]],
    "Json of a model": pydantic.Json[WithFieldValidator],
    "Secret": pydantic_types.Secret[datetime.date],
    "Path": pathlib.Path,
    "Pattern": re.Pattern,
    "ZoneInfo": zoneinfo.ZoneInfo,
    "list": Annotated[list[int], Field(min_length=1, max_length=3)],
    "set": Annotated[set[int], Field(min_length=2, max_length=3)],
    "frozenset": frozenset[datetime.date],
    "strict set": Annotated[set[int], Strict()],
    "tuple": tuple[int, str],
    "tuple of any length": tuple[int, *tuple[str, ...]],
    "deque": Annotated[collections.deque[int], Field(max_length=2)],
    "Counter": collections.Counter[str],
    "defaultdict": collections.defaultdict[str, list[int]],
    "OrderedDict": collections.OrderedDict[str, int],
    "dict": Annotated[dict[str, int], Field(min_length=1, max_length=2)],
    "dict by pattern": dict[Annotated[str, Field(min_length=2, max_length=3)], int],
    "dict by IntEnum": dict[Level, int],
    "dict by StrEnum": dict[Size, int],
    "dict by Literal": dict[Literal["a", "b"], int],
    "dict by Enum with an int": dict[Colour, int],
    "dict by checked keys": dict[Annotated[str, AfterValidator(even_length)], int],
    "union": int | str | None,
    "union of dates": datetime.date | datetime.datetime,
    "tagged union": Annotated[Circle | Square, Field(discriminator="kind")],
    "after": Annotated[int, AfterValidator(even)],
    "before": Annotated[int, BeforeValidator(even)],
    "wrap": Annotated[int, WrapValidator(lambda value, handler: even(handler(value)))],
    "plain": Annotated[int, PlainValidator(even)],
    "plain of a type": Annotated[int, PlainValidator(even, json_schema_input_type=int)],
    "limit after a function": Annotated[int, AfterValidator(lambda value: value), Field(ge=5)],
    "length after a function": Annotated[str, AfterValidator(lambda value: value), Field(max_length=5)],
    "pattern after a function": Annotated[str, AfterValidator(lambda value: value), Field(pattern="^[a-z]+$")],
    "limit of a date after a function": Annotated[datetime.date, AfterValidator(lambda value: value), Field(ge=DAY)],
    "Predicate": Annotated[int, annotated_types.Predicate(lambda value: value > 0)],
    "Not": Annotated[str, annotated_types.Not(str.islower)],
    "LowerCase": annotated_types.LowerCase[str],
    "Hashable": collections.abc.Hashable,
    "function around a model": Annotated[Circle, AfterValidator(lambda value: even(int(value.radius)) or value)],
    **{
        cls.__name__: cls
        for cls in (WithFieldValidator, WithModelValidator, WithEarlyModelValidator, WithWrappingModelValidator)
    },
    **{cls.__name__: cls for cls in (WithPostInit, WithPrivateToo, Private, Strictly, Checked, Row)},
    "list of models": list[WithFieldValidator],
}
if "ascii_only" in StringConstraints.__dataclass_fields__:  # pydantic 2.14
    TYPES["str of ASCII"] = Annotated[str, StringConstraints(ascii_only=True)]
