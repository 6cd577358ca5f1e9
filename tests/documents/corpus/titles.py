"""Classes of one name, also that of a message, and a union whose tag has defaults: every title is given once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from chanspec import document_action, document_event


class A:
    @dataclass
    class Payload:
        x: int


class B:
    @dataclass
    class Payload:
        y: str


@dataclass
class WithA:
    p: A.Payload


@dataclass
class WithB:
    p: B.Payload


@dataclass
class WithBoth:
    a: A.Payload
    b: B.Payload


@dataclass
class Say:
    text: str


@dataclass
class Later:
    at: int


@dataclass
class Saying:
    said: Say
    later: Later


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"


class Owner(BaseModel):
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]
    first: Cat


class Titles:
    @document_action(payload=WithA)
    async def handle_a(self) -> None: ...

    @document_action(payload=WithB)
    async def handle_b(self) -> None: ...

    @document_action(payload=WithBoth)
    async def handle_both(self) -> None: ...

    @document_action(action="say", payload=Saying, responses={"later": Later})
    async def handle_say(self) -> None: ...

    @document_action(payload={"title": "Spoken", "type": "object"})
    async def handle_first(self) -> None: ...

    @document_action(
        payload={"title": "Spoken", "properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"title": "Say"}}}
    )
    async def handle_second(self) -> None: ...

    @document_event("owner", payload=Owner)
    async def owner(self) -> None: ...

    @document_action(payload=Annotated[Cat | Dog, Field(discriminator="kind")])
    async def handle_pet(self) -> None: ...


DOCUMENTS = {"titles": {"consumer": Titles}}
