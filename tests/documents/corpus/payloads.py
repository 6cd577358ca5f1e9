"""Payloads of every kind: nested, recursive, unions, closed, generic, of every library."""

from __future__ import annotations

import datetime
import enum
import ipaddress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, NamedTuple, NotRequired, TypedDict, TypeVar
from uuid import UUID

import attrs
import msgspec
import pydantic.v1
from pydantic import BaseModel, ConfigDict, Field, RootModel, computed_field

from chanspec import document_action, document_event

T = TypeVar("T")


class Payment(enum.Enum):
    CASH = "cash"
    CARD = "card"


class Rank(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Place(NamedTuple):
    lat: float
    lng: float


class Meta(TypedDict):
    trace: str
    span: NotRequired[int]


@dataclass
class Everything:
    text: str
    count: int
    ratio: float
    is_open: bool
    fare: Decimal
    key: UUID
    when: datetime.datetime
    day: datetime.date
    at: datetime.time
    wait: datetime.timedelta
    raw: bytes
    address: ipaddress.IPv4Address
    anything: Any
    place: Place
    meta: Meta
    payment: Payment
    rank: Rank
    kind: Literal["a", "b"]
    pair: tuple[int, str]
    unique: set[int]
    named: dict[str, list[Decimal]]
    limited: Annotated[int, Field(ge=1, le=5, description="Stars")]
    one_of: int | str
    note: str | None = None
    default: list[int] = field(default_factory=list)


class Node(BaseModel):
    """A tree."""

    name: str
    children: list[Node] = []


class Leaf(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["leaf"]
    colour: str


class Branch(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["branch"]
    items: list[Branch | Leaf]


class Open(BaseModel):
    kind: Literal["open"]


class Page(BaseModel, Generic[T]):
    items: list[T]
    total: int = Field(alias="totalCount")

    @computed_field  # type: ignore[prop-decorator]
    @property
    def pages(self) -> int:
        return self.total // 10


class Counts(RootModel[dict[Payment, int]]):
    pass


@attrs.define
class Car:
    plate: str
    owner: Car | None = None


class Trip(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    ride_id: str
    next: Trip | None = None


class Old(pydantic.v1.BaseModel):
    name: str
    other: Old | None = None


Old.update_forward_refs()


class Payloads:
    """One action and one event for every kind."""

    @document_action(payload=Everything)
    async def handle_everything(self) -> None: ...

    @document_action(payload=Node, responses={"node": Node, "nodes": {"first": Node, "count": "integer"}})
    async def handle_recursive(self) -> None: ...

    @document_action(payload=Annotated[Leaf | Branch, Field(discriminator="kind")])
    async def handle_closed_union(self) -> None: ...

    @document_action(payload=Leaf | Open | None)
    async def handle_mixed_union(self) -> None: ...

    @document_action(payload=Leaf)
    async def handle_closed(self) -> None: ...

    @document_action(payload=Counts)
    async def handle_counts(self) -> None: ...

    @document_action(payload=Car)
    async def handle_attrs(self) -> None: ...

    @document_action(payload=Trip)
    async def handle_msgspec(self) -> None: ...

    @document_action(payload=Old)
    async def handle_old(self) -> None: ...

    @document_action(payload=Meta)
    async def handle_typed_dict(self) -> None: ...

    @document_action(payload=Place)
    async def handle_named_tuple(self) -> None: ...

    @document_action(payload=Page[Node])
    async def handle_page(self) -> None: ...

    @document_event("page", payload=Page[Node])
    async def page(self) -> None: ...

    @document_event("everything", payload=Everything)
    async def everything(self) -> None: ...


DOCUMENTS = {"payloads": {"consumer": Payloads, "channel_path": "/ws/payloads/"}}
