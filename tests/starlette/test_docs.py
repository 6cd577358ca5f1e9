"""The mountable docs application and the view functions, asked over HTTP."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
import time
import warnings
from typing import Any

import pytest
import yaml
from fastapi import APIRouter, FastAPI
from fastapi import Request as FastAPIRequest
from fastapi.exceptions import FastAPIDeprecationWarning
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route, Router, WebSocketRoute

from chanspec import viewer
from chanspec.asyncapi import AsyncAPIGenerator
from chanspec.starlette import config as config_module
from chanspec.starlette import views
from chanspec.starlette.config import NoConsumerError
from chanspec.starlette.docs import AsyncAPIDocs
from chanspec.starlette.origin import OriginValidator
from chanspec.starlette.views import asyncapi_docs, asyncapi_spec_json, asyncapi_spec_yaml
from tests.starlette.consumers import ChatConsumer, FeedConsumer, SecretConsumer, SilentConsumer

CHAT = WebSocketRoute("/ws/{room_id:int}/chat", ChatConsumer.as_asgi())
FEED = WebSocketRoute("/feed", FeedConsumer.as_asgi())

pytestmark = pytest.mark.usefixtures("built_page")


def config(page: str) -> dict[str, Any]:
    match = re.search(r'id="chanspec-config">(.*?)</script>', page)
    assert match
    return json.loads(match[1])


def addresses(document: dict[str, Any]) -> list[str]:
    return [channel["address"] for channel in document["channels"].values()]


def logged(caplog: pytest.LogCaptureFixture, text: str) -> None:
    """Wait until the server, which answers first, has logged a text."""
    deadline = time.monotonic() + 30
    while text not in caplog.text:
        assert time.monotonic() < deadline, caplog.text
        time.sleep(0.01)


@pytest.fixture
def docs(serve):
    application = FastAPI(routes=[CHAT])
    application.mount("/ws-docs", AsyncAPIDocs(title="Rooms", version="2.1", description="*All* of it"))
    return serve(application)


class TestDocument:
    def test_describes_the_consumers_of_the_application_it_is_mounted_on(self, docs, official_parser):
        document = docs.get("/ws-docs/asyncapi.json").json
        official_parser.check(document)
        assert document["info"] == {"title": "Rooms", "version": "2.1", "description": "*All* of it"}
        channel = document["channels"]["chat"]
        assert channel["address"] == "/ws/{room_id}/chat"
        assert channel["parameters"]["room_id"] == {"description": "A whole number.", "x-schema": {"type": "integer"}}
        assert {name: each["action"] for name, each in document["operations"].items()} == {
            "ping": "receive",
            "say": "receive",
            "said": "send",
            "error": "send",
        }

    def test_is_the_same_in_yaml(self, docs):
        answer = docs.get("/ws-docs/asyncapi.yaml")
        assert answer.headers["content-type"] == "application/yaml"
        assert yaml.safe_load(answer.text) == docs.get("/ws-docs/asyncapi.json").json

    @pytest.mark.parametrize(
        ("accept", "media_type"),
        [
            ("application/json", "application/json"),
            ("application/json, application/yaml;q=0.9", "application/json"),
            ("application/yaml;q=0.2, application/json;q=0.5", "application/json"),
            ("application/json;q=0, */*", "application/yaml"),
            ("text/html,application/xml;q=0.9,*/*;q=0.8", "application/yaml"),
            ("application/yaml, application/json", "application/yaml"),
            ("application/json;q=nonsense, */*", "application/yaml"),
            ("", "application/yaml"),
        ],
    )
    def test_is_negotiated(self, docs, accept, media_type):
        answer = docs.get("/ws-docs/asyncapi.yaml", Accept=accept)
        assert answer.headers["content-type"] == media_type
        assert answer.headers["vary"] == "Accept, Host"

    def test_comes_in_the_format_of_the_query(self, docs):
        assert docs.get("/ws-docs/asyncapi.yaml?format=json").json["asyncapi"] == "3.0.0"
        answer = docs.get("/ws-docs/asyncapi.yaml?format=xml")
        assert (answer.status, answer.text) == (400, "format is yaml or json")

    def test_is_not_sent_again_to_who_has_it(self, docs):
        first = docs.get("/ws-docs/asyncapi.json")
        assert first.headers["cache-control"] == "no-cache"
        for tags in (first.headers["etag"], f'"other", W/{first.headers["etag"]}', "*"):
            again = docs.get("/ws-docs/asyncapi.json", If_None_Match=tags)
            assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
        assert docs.get("/ws-docs/asyncapi.json", If_None_Match='"other"').status == 200

    def test_is_built_once_while_nothing_changes(self, docs, monkeypatch):
        first = docs.get("/ws-docs/asyncapi.json")
        monkeypatch.setattr(views._documents, "_generator", None)  # calling it again would be an error
        assert docs.get("/ws-docs/asyncapi.json").body == first.body

    @pytest.mark.parametrize("form", ["yaml", "json"])
    def test_is_built_once_whatever_hosts_are_named(self, docs, monkeypatch, form):
        builds = []
        build = AsyncAPIGenerator._build
        monkeypatch.setattr(AsyncAPIGenerator, "_build", lambda self: builds.append(self) or build(self))
        views._documents.forget()
        tags = set()
        for number in range(100):
            host = f"host{number}.example"
            first = docs.get(f"/ws-docs/asyncapi.{form}", Host=host)
            assert host in first.text
            tags.add(first.headers["etag"])
            again = docs.get(f"/ws-docs/asyncapi.{form}", Host=host, If_None_Match=first.headers["etag"])
            assert (again.status, again.body) == (304, b"")
        assert len(tags) == 100
        for host in ('evil"><script>', "a b", "{{x}}", "a" * 300, "\xe4", ""):
            answer = docs.get(f"/ws-docs/asyncapi.{form}", Host=host)
            assert "servers:" not in answer.text
            assert '"servers"' not in answer.text
        assert len(builds) == 2, "with a server, and with none"

    def test_shows_routes_added_meanwhile(self, serve):
        application = FastAPI(routes=[CHAT])
        application.mount("/ws-docs", AsyncAPIDocs())
        server = serve(application)
        server.get("/ws-docs/asyncapi.json")
        application.router.routes.append(FEED)
        assert addresses(server.get("/ws-docs/asyncapi.json").json) == ["/ws/{room_id}/chat", "/feed"]

    def test_has_a_channel_for_each_path_of_a_consumer(self, serve, official_parser):
        again = WebSocketRoute("/again/{room_id}", ChatConsumer.as_asgi())
        routes = [CHAT, again, Mount("/m", routes=[CHAT, FEED]), Mount("/d", AsyncAPIDocs())]
        document = serve(Starlette(routes=routes)).get("/d/asyncapi.json").json
        official_parser.check(document)
        assert {name: channel["address"] for name, channel in document["channels"].items()} == {
            "chat": "/ws/{room_id}/chat",
            "again": "/again/{room_id}",
            "ws_chat": "/m/ws/{room_id}/chat",
            "feed": "/m/feed",
        }

    def test_says_the_perspective_and_the_version(self, serve):
        docs = AsyncAPIDocs(perspective="client", asyncapi_version="3.1.0", info={"license": {"name": "MIT"}})
        document = serve(Starlette(routes=[CHAT, Mount("/d", docs)])).get("/d/asyncapi.json").json
        assert (document["asyncapi"], document["x-perspective"]) == ("3.1.0", "client")
        assert document["info"]["license"] == {"name": "MIT"}

    def test_has_the_consumers_it_was_told(self, serve):
        docs = AsyncAPIDocs(consumers=[(FeedConsumer, "/elsewhere/{id:int}")])
        server = serve(Starlette(routes=[CHAT, Mount("/d", docs)]))
        assert addresses(server.get("/d/asyncapi.json").json) == ["/elsewhere/{id}"]

    def test_shows_what_authenticators_read(self, serve, official_parser):
        routes = [CHAT, WebSocketRoute("/secret", SecretConsumer.as_asgi()), Mount("/d", AsyncAPIDocs())]
        document = serve(Starlette(routes=routes)).get("/d/asyncapi.json").json
        official_parser.check(document)
        assert document["components"]["securitySchemes"] == {
            "queryToken": {"type": "httpApiKey", "name": "token", "in": "query", "description": "Your token"},
            "headerXApiKey": {
                "type": "httpApiKey",
                "name": "X-Api-Key",
                "in": "header",
                "description": "The header `X-Api-Key` of the handshake, which browsers cannot set.",
            },
        }
        secured = {name for name, operation in document["operations"].items() if "security" in operation}
        assert secured == {name for name in document["operations"] if name.startswith("SecretConsumer")}
        binding = document["channels"]["SecretConsumer"]["bindings"]["ws"]
        assert set(binding["query"]["properties"]) == {"token"}
        assert set(binding["headers"]["properties"]) == {"X-Api-Key"}
        assert "bindings" not in document["channels"]["chat"]

    def test_without_a_consumer_is_an_error_that_says_so(self, serve, caplog):
        for routes in ([], [WebSocketRoute("/silent", SilentConsumer.as_asgi())]):
            server = serve(Starlette(routes=[*routes, Mount("/d", AsyncAPIDocs())]))
            with caplog.at_level(logging.ERROR):
                assert server.get("/d/asyncapi.json").status == 500
                logged(caplog, "AsyncAPIDocs found no routed consumer that declares messages")
            caplog.clear()


class TestServers:
    def test_come_from_the_request(self, docs):
        def server(**headers: str) -> Any:
            return docs.get("/ws-docs/asyncapi.json", **headers).json["servers"]["default"]

        assert server() == {"host": docs.netloc, "protocol": "ws"}
        assert server(Host="shop.example") == {"host": "shop.example", "protocol": "ws"}
        # uvicorn trusts proxies on loopback.
        assert server(Host="shop.example", X_Forwarded_Proto="https")["protocol"] == "wss"

    @pytest.mark.parametrize("host", ["{evil}.example", "a b", "<script>", "x" * 300])
    def test_do_not_repeat_a_host_that_is_none(self, docs, host):
        assert "servers" not in docs.get("/ws-docs/asyncapi.json", Host=host).json

    def test_have_the_path_that_a_proxy_removes(self, serve):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FastAPIDeprecationWarning)
            told = FastAPI(routes=[CHAT], root_path="/api")
        for application, options in (
            (told, {}),
            (FastAPI(routes=[CHAT]), {"root_path": "/api"}),
            (Starlette(routes=[CHAT]), {"root_path": "/api"}),
        ):
            application.mount("/ws-docs", AsyncAPIDocs())
            application.router.add_route("/spec.json", asyncapi_spec_json)
            server = serve(application, **options)
            for path in ("/ws-docs/asyncapi.json", "/spec.json"):
                document = server.get(path).json
                assert document["servers"]["default"]["pathname"] == "/api"
                assert addresses(document) == ["/ws/{room_id}/chat"]

    def test_are_not_named_where_nobody_was_told_of_the_path_that_a_proxy_removes(
        self, docs, serve, caplog, monkeypatch
    ):
        monkeypatch.setattr(config_module, "_warned", set())  # once in a process
        for header in ("X_Forwarded_Prefix", "X_Script_Name"):
            assert "servers" not in docs.get("/ws-docs/asyncapi.json", **{header: "/app"}).json
        [line] = [each for each in caplog.messages if "A request came for" in each]
        assert "--root-path" in line
        told = Starlette(routes=[CHAT, Mount("/ws-docs", AsyncAPIDocs())])
        server = serve(told, root_path="/api")
        document = server.get("/ws-docs/asyncapi.json", X_Forwarded_Prefix="/app").json
        assert document["servers"]["default"]["pathname"] == "/api"
        assert "servers" in docs.get("/ws-docs/asyncapi.json", X_Forwarded_Prefix="/").json
        assert "servers" in docs.get("/ws-docs/asyncapi.json", X_Forwarded_Prefix="/ws-docs").json

    async def test_have_no_path_that_is_longer_than_any(self):
        scope = {"type": "http", "path": "/", "root_path": "/" + "x" * 100_000, "headers": [(b"host", b"a.example")]}
        request = FastAPIRequest({**scope, "method": "GET", "query_string": b""})
        answer = await asyncapi_spec_json(request, app=Starlette(routes=[CHAT]))
        assert "servers" not in json.loads(answer.body)

    def test_are_those_of_the_configuration(self, serve):
        production = {"production": {"host": "api.example", "protocol": "wss"}}
        routes = [
            CHAT,
            Mount("/a", AsyncAPIDocs(servers=production)),
            Mount("/b", AsyncAPIDocs(host="ws.example", protocol="wss")),
        ]
        server = serve(Starlette(routes=routes))
        assert server.get("/a/asyncapi.json").json["servers"] == production
        assert server.get("/b/asyncapi.json").json["servers"] == {"default": {"host": "ws.example", "protocol": "wss"}}


class TestPage:
    def test_is_relative_to_itself(self, docs):
        answer = docs.get("/ws-docs/")
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert config(answer.text) == {"title": "Rooms", "documents": [{"label": "Rooms", "url": "asyncapi.yaml"}]}
        links = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
        assert links
        for link in links:
            assert docs.get(f"/ws-docs/{link}").status == 200, link

    def test_needs_no_inline_script(self, docs):
        page = docs.get("/ws-docs/").text
        assert all("src=" in tag or "application/json" in tag for tag in re.findall(r"<script[^>]*>", page))
        assert "style=" not in page

    @pytest.mark.parametrize(("choice", "is_open"), [("closed", False), ("open", True)])
    def test_has_the_try_it_out_where_it_was_asked_for(self, serve, choice, is_open):
        application = FastAPI(routes=[CHAT])
        application.mount("/ws-docs", AsyncAPIDocs(try_it_out=choice))
        server = serve(application)
        told = config(server.get("/ws-docs/").text)["tryItOut"]
        assert told["open"] is is_open
        for link in (told["script"], told["style"]):
            assert server.get(f"/ws-docs/{link}").headers["cache-control"].endswith("immutable")

    @pytest.mark.parametrize("wrong", ["yes", True, ["open"]])
    async def test_refuses_another_choice_of_the_try_it_out(self, wrong):
        with pytest.raises(ValueError, match="AsyncAPIDocs: try_it_out is 'off', 'closed' or 'open', not"):
            AsyncAPIDocs(try_it_out=wrong)
        with pytest.raises(ValueError, match="asyncapi_docs: try_it_out is 'off', 'closed' or 'open', not"):
            await asyncapi_docs(app=FastAPI(routes=[CHAT]), config={"try_it_out": wrong})

    def test_files_are_kept_by_browsers_until_they_change(self, docs):
        asset = viewer.asset("docs.js")
        current = docs.get(f"/ws-docs/assets/docs.js?v={asset.version}")
        assert current.body == asset.content
        assert current.headers["cache-control"] == "max-age=31536000, immutable"
        assert current.headers["content-type"] == "text/javascript; charset=utf-8"
        assert docs.get("/ws-docs/assets/docs.js?v=old").headers["cache-control"] == "no-cache"
        assert docs.get("/ws-docs/assets/docs.js", If_None_Match=asset.etag).status == 304

    @pytest.mark.parametrize("path", ["/ws-docs", "/ws-docs?doc=1"])
    def test_without_its_slash_is_redirected(self, docs, path):
        answer = docs.get(path)
        assert answer.status == 307
        assert answer.headers["location"].endswith(path.replace("/ws-docs", "/ws-docs/"))

    def test_redirects_itself_where_the_router_does_not(self, serve):
        application = AsyncAPIDocs(consumers=[(ChatConsumer, "/ws")])

        def redirected(path: str) -> str:
            async def mounted(scope: Any, receive: Any, send: Any) -> None:
                await application({**scope, "root_path": scope["path"]}, receive, send)

            answer = serve(mounted).get(path)
            assert answer.status == 307
            return answer.headers["location"]

        assert redirected("/ws-docs?a=b") == "./ws-docs/?a=b"
        assert redirected("/a/b") == "./b/"
        assert redirected("/https:evil.example") == "./https%3Aevil.example/"
        assert redirected("/%3Fa%2F%2Fb") == "./b/"

    @pytest.mark.parametrize(
        "path", ["/ws-docs/nothing", "/ws-docs/assets/", "/ws-docs/assets/..%2Fassets.py", "/ws-docs/assets/%00"]
    )
    def test_nothing_else_is_there(self, docs, path):
        assert docs.get(path).status == 404

    def test_answers_only_reads(self, docs):
        answer = docs.get("/ws-docs/", "POST")
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
        for path in ("/ws-docs/", "/ws-docs/asyncapi.yaml", "/ws-docs/assets/docs.css"):
            head, whole = docs.get(path, "HEAD"), docs.get(path)
            assert (head.status, head.body) == (200, b"")
            for name in ("content-length", "content-type", "etag"):
                assert head.headers[name] == whole.headers[name]

    async def test_is_no_websocket(self, docs):
        from websockets.exceptions import InvalidStatus

        with pytest.raises(InvalidStatus) as refused:
            async with docs.websocket("/ws-docs/"):
                pass
        assert refused.value.response.status_code == 403


class TestWhichApplication:
    def test_is_the_innermost_with_addresses_from_the_root(self, serve):
        inner = FastAPI(routes=[CHAT])
        inner.mount("/docs-of-inner", AsyncAPIDocs())
        outer = FastAPI(routes=[FEED])
        outer.mount("/v1", inner)
        outer.mount("/docs-of-outer", AsyncAPIDocs())
        outer.mount("/told", AsyncAPIDocs(inner))
        server = serve(outer)
        assert addresses(server.get("/v1/docs-of-inner/asyncapi.json").json) == ["/v1/ws/{room_id}/chat"]
        assert addresses(server.get("/told/asyncapi.json").json) == ["/v1/ws/{room_id}/chat"]
        assert addresses(server.get("/docs-of-outer/asyncapi.json").json) == ["/feed", "/v1/ws/{room_id}/chat"]

    def test_is_found_through_middleware(self, serve):
        routes = [CHAT, Mount("/d", AsyncAPIDocs())]
        application = Starlette(routes=routes, middleware=[Middleware(OriginValidator, ["*"])])
        assert addresses(serve(OriginValidator(application, ["*"])).get("/d/asyncapi.json").json)

    def test_is_found_from_an_included_router(self, serve):
        application = FastAPI(routes=[CHAT])
        application.include_router(APIRouter(routes=[Mount("/d", AsyncAPIDocs()), FEED]), prefix="/api")
        server = serve(application)
        assert addresses(server.get("/api/d/asyncapi.json").json) == ["/ws/{room_id}/chat", "/api/feed"]
        assert server.get("/api/d/").status == 200
        assert server.get("/api/d").headers["location"].endswith("/api/d/")

    def test_may_be_a_router(self, serve):
        assert addresses(serve(Router([CHAT, Mount("/d", AsyncAPIDocs())])).get("/d/asyncapi.json").json)

    async def test_is_missing_outside_of_starlette(self, serve, caplog):
        with caplog.at_level(logging.ERROR):
            assert serve(AsyncAPIDocs()).get("/asyncapi.json").status == 500
            logged(caplog, "AsyncAPIDocs knows no application")
        server = serve(AsyncAPIDocs(Starlette(routes=[CHAT])))
        assert addresses(server.get("/asyncapi.json").json) == ["/ws/{room_id}/chat"]
        assert server.get("/").status == 200


class TestViews:
    @pytest.fixture
    def server(self, serve):
        application = FastAPI(routes=[CHAT])
        application.router.routes.append(Route("/bare.json", asyncapi_spec_json))
        application.router.routes.append(Route("/bare.yaml", asyncapi_spec_yaml))
        application.router.routes.append(Route("/bare", asyncapi_docs))

        @application.get("/app.json")
        async def spec() -> Any:
            return await asyncapi_spec_json(app=application)

        @application.get("/titled.yaml")
        async def titled(request: FastAPIRequest) -> Any:
            return await asyncapi_spec_yaml(request, application, config={"title": "My API", "version": "7"})

        @application.get("/included")
        async def docs() -> Any:
            return await asyncapi_docs(app=application, config={"title": "Inside"})

        @application.get("/tried")
        async def tried(request: FastAPIRequest) -> Any:
            return await asyncapi_docs(request, application, config={"try_it_out": "closed"})

        @application.get("/tried-inside")
        async def tried_inside() -> Any:
            return await asyncapi_docs(app=application, config={"try_it_out": "closed"})

        router = APIRouter(prefix="/api", routes=[Route("/spec.json", asyncapi_spec_json), FEED])
        application.include_router(router, prefix="/included")
        return serve(application)

    def test_are_routes_as_they_are(self, server):
        document = server.get("/bare.json").json
        assert addresses(document) == ["/ws/{room_id}/chat", "/included/feed"]
        assert document["servers"]["default"]["host"] == server.netloc
        assert yaml.safe_load(server.get("/bare.yaml").text) == document
        assert server.get("/included/spec.json").json == document

    def test_are_called_inside_path_functions(self, server):
        document = server.get("/app.json").json
        assert addresses(document) == ["/ws/{room_id}/chat", "/included/feed"]
        assert "servers" not in document  # nobody told who was asked
        assert yaml.safe_load(server.get("/titled.yaml").text)["info"] == {"title": "My API", "version": "7"}

    def test_serve_the_page_with_all_it_needs(self, server):
        page = server.get("/bare").text
        (link,) = config(page)["documents"]
        assert yaml.safe_load(server.get(f"/bare{link['url']}").text) == server.get("/bare.json").json
        for url in re.findall(r'(?:src|href)="(\?asset[^"]+)"', page):
            assert server.get("/bare" + url.replace("&amp;", "&")).headers["cache-control"].endswith("immutable")
        assert server.get("/bare?asset=../assets.py").status == 404

    def test_have_the_try_it_out_where_it_was_asked_for(self, server):
        assert "tryItOut" not in config(server.get("/bare").text)
        told = config(server.get("/tried").text)["tryItOut"]
        assert server.get(f"/tried{told['script']}").status == 200
        assert config(server.get("/tried-inside").text)["tryItOut"]["script"].startswith("data:text/javascript")

    def test_answer_conditional_requests(self, server):
        etag = server.get("/bare.json").headers["etag"]
        assert server.get("/bare.json", If_None_Match=etag).status == 304
        assert server.get("/bare.json", "HEAD").body == b""

    async def test_name_the_option_that_was_meant(self):
        with pytest.raises(TypeError, match="asyncapi_spec_json has no option 'titel', did you mean 'title'"):
            await asyncapi_spec_json(app=FastAPI(routes=[CHAT]), config={"titel": "Chat"})  # type: ignore[typeddict-unknown-key]
        with pytest.raises(TypeError, match="it has title, version"):
            await asyncapi_docs(app=FastAPI(routes=[CHAT]), config={"zzz": 1})  # type: ignore[typeddict-unknown-key]

    async def test_without_request_and_application_say_what_to_pass(self):
        with pytest.raises(NoConsumerError, match="pass app="):
            await asyncapi_spec_json()


def imports(code: str, *foreign: str) -> str:
    """What some code, run in a process of its own, imports of certain packages."""
    report = f"import sys; print({{name.split('.')[0] for name in sys.modules}} & {set(foreign)})"
    result = subprocess.run([sys.executable, "-c", code + report], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_consumers_and_the_origin_check_need_no_framework():
    code = "import chanspec.starlette.websocket, chanspec.starlette.origin, chanspec.starlette.settings\n"
    assert imports(code, "starlette", "fastapi", "django", "channels") == "set()"


def test_django_is_never_imported():
    code = """
import chanspec.starlette.websocket, chanspec.starlette.docs, chanspec.starlette.views, chanspec.starlette.discovery
import chanspec.starlette.origin, chanspec.starlette.settings
import tests.starlette.consumers as consumers
import asyncio
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from chanspec.starlette.views import asyncapi_docs, asyncapi_spec_json
application = Starlette(routes=[WebSocketRoute("/ws", consumers.ChatConsumer.as_asgi())])
assert asyncio.run(asyncapi_spec_json(app=application)).body
assert asyncio.run(asyncapi_docs(app=application)).body
"""
    assert imports(code, "django", "channels", "rest_framework", "asgiref") == "set()"
