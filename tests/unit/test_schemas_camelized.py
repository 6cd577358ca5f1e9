"""Documents of consumers with ``camelize``: the names are those on the wire, which the codec reads and writes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

import jsonschema_rs
import pytest
from pydantic import BaseModel, Field, computed_field
from typing_extensions import TypedDict

from chanspec.asyncapi import AsyncAPIGenerator
from chanspec.contract import contract_of
from chanspec.decorators import ws_handler
from chanspec.messages import BaseMessage
from chanspec.runtime.authenticator import BaseAuthenticator
from chanspec.runtime.codec import Codec
from chanspec.runtime.consumer import Consumer

T = TypeVar("T")


@dataclass
class PostalCode:
    country_code: str
    local_part: int | None = None


class GeoPoint(TypedDict, total=False):
    lat_deg: float
    lon_deg: float


class FootPrint(BaseModel):
    kind_of: Literal["foot"] = "foot"
    shoe_size: int


class TyreTrack(BaseModel):
    kind_of: Literal["tyre"] = "tyre"
    tread_width: float


class PageOf(BaseModel, Generic[T]):
    page_number: int = 1
    found_items: list[T]


class TreeNode(BaseModel):
    node_name: str
    child_nodes: list[TreeNode] = []


class SearchPayload(BaseModel):
    search_term: str = Field(description="What to look for.")
    post_code: PostalCode
    seen_at: GeoPoint
    last_trace: Annotated[FootPrint | TyreTrack, Field(discriminator="kind_of")]
    result_page: PageOf[TreeNode]
    extra_data: dict[str, Any]
    own_name: int = Field(alias="ownAlias")

    @computed_field
    @property
    def term_length(self) -> int:
        return len(self.search_term)


class Search(BaseMessage):
    action: Literal["search"] = "search"
    request_id: str = ""
    payload: SearchPayload


class Searched(BaseMessage):
    action: Literal["searched"] = "searched"
    payload: SearchPayload


class Authenticator(BaseAuthenticator):
    async def authenticate(self) -> bool:
        return True


class Camel(Consumer[Any]):
    camelize = True
    authenticator_class = Authenticator

    @ws_handler
    async def search(self, message: Search) -> Searched:
        return Searched(payload=message.payload)


class Snake(Consumer[Any]):
    @ws_handler
    async def search(self, message: Search) -> Searched:
        return Searched(payload=message.payload)


ON_THE_WIRE = {
    "action": "search",
    "requestId": "7",
    "payload": {
        "searchTerm": "x",
        "postCode": {"countryCode": "NG", "localPart": 1},
        "seenAt": {"latDeg": 6.5},
        "lastTrace": {"kindOf": "tyre", "treadWidth": 1.5},
        "resultPage": {"pageNumber": 2, "foundItems": [{"nodeName": "a", "childNodes": [{"nodeName": "b"}]}]},
        "extraData": {"not_a_field": {"nor_this": 1}},
        "ownAlias": 3,
    },
}


def validator_of(document: dict[str, Any], name: str) -> jsonschema_rs.Validator:
    reference = {"allOf": [{"$ref": f"#/components/messages/{name}/payload"}]}
    return jsonschema_rs.Draft7Validator({**reference, "components": document["components"]}, validate_formats=True)


def property_names(node: Any) -> set[str]:
    """Every name of a property that a document declares."""
    if isinstance(node, list):
        return set().union(*map(property_names, node), set())
    if not isinstance(node, dict):
        return set()
    named = set(node["properties"]) if isinstance(node.get("properties"), dict) else set()
    return named.union(*(property_names(each) for each in node.values()), set())


def test_no_name_in_the_document_has_an_underscore() -> None:
    names = property_names(AsyncAPIGenerator(Camel).get_spec()["components"])
    assert {"searchTerm", "countryCode", "latDeg", "kindOf", "foundItems", "childNodes", "ownAlias"} <= names
    assert {"statusCode", "statusText", "termLength", "requestId"} <= names
    assert not {name for name in names if "_" in name}


def test_what_the_codec_takes_and_sends_is_what_the_document_says() -> None:
    document = AsyncAPIGenerator(Camel).get_spec()
    contract = contract_of(Camel)
    codec = Codec(contract.handlers, contract.event_handlers, "action", camelize=True)
    validator_of(document, "Search").validate(ON_THE_WIRE)
    message = codec.decode(json.dumps(ON_THE_WIRE))
    sent = json.loads(codec.encode(Searched(payload=message.payload)))
    assert sent["payload"]["termLength"] == 1
    assert sent["payload"]["extraData"] == {"not_a_field": {"nor_this": 1}}
    assert sent["payload"]["ownAlias"] == 3
    validator_of(document, "Searched").validate(sent)


def test_names_that_are_not_in_camel_case_are_not_what_the_document_says() -> None:
    document = AsyncAPIGenerator(Camel).get_spec()
    snake = {**ON_THE_WIRE, "payload": {**ON_THE_WIRE["payload"], "post_code": {}}}  # type: ignore[dict-item]
    del snake["payload"]["postCode"]  # type: ignore[attr-defined]
    assert not validator_of(document, "Search").is_valid(snake)


def test_one_document_has_both_forms_of_a_class_under_names_of_their_own() -> None:
    document = AsyncAPIGenerator(consumers=[(Camel, "/camel"), (Snake, "/snake")]).get_spec()
    payloads = {name: schema for name, schema in document["components"]["schemas"].items() if "SearchPayload" in name}
    names = [set(schema["properties"]) for schema in payloads.values()]
    assert sum("searchTerm" in each for each in names) == sum("search_term" in each for each in names) > 0


def test_the_discriminator_is_in_camel_case_too() -> None:
    class Ask(BaseMessage):
        message_type: Literal["ask"] = "ask"
        payload: None = None

    class Own(Consumer[Any]):
        discriminator_field: ClassVar[str] = "message_type"
        camelize = True

        @ws_handler
        async def ask(self, message: Ask) -> None: ...

    [ask] = [
        message
        for message in AsyncAPIGenerator(Own).get_spec()["components"]["messages"].values()
        if message["title"] == "ask"
    ]
    assert ask["payload"]["properties"]["messageType"]["const"] == "ask"
    assert "message_type" not in ask["payload"]["properties"]
    assert ask["payload"]["required"][0] == "messageType"


@pytest.mark.parametrize("value", [True, False])
def test_the_contract_follows_the_project_s_settings(value: bool) -> None:
    from chanspec.runtime.settings import RuntimeSettings

    settings = {"camelize": value}

    class Project(Consumer[Any]):
        authenticator_class = Authenticator

        @classmethod
        def runtime_settings(cls) -> RuntimeSettings:
            return RuntimeSettings(camelize=settings["camelize"], send_authentication_message=settings["camelize"])

        @ws_handler
        async def search(self, message: Search) -> None: ...

    for setting in (value, not value):
        settings["camelize"] = setting
        contract = contract_of(Project)
        assert contract is contract_of(Project)
        assert contract.camelize is setting
        assert ("authentication" in {event.name for event in contract.events}) is setting
