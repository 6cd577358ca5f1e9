"""Types in the syntax of Python 3.12 (PEP 695), which earlier versions cannot parse. No tests here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from pydantic import BaseModel

type Id = int
type Ids[T] = list[T]
type Tree = dict[str, Tree] | int


class Box[T](BaseModel):
    content: T
    more: list[T] = []


@dataclass
class Pair[A, B]:
    first: A
    second: B | None = None


class Record[T](TypedDict):
    value: T


@dataclass
class Uses:
    id: Id
    ids: Ids[str]
    tree: Tree
    box: Box[Id]
    pair: Pair[int, str]
    record: Record[bool]


type Alias = Uses
