"""The views, asked through Django's own client."""

import json
import logging
from io import StringIO

import pytest
import yaml
from channels.routing import ProtocolTypeRouter, URLRouter
from django.contrib.auth.decorators import login_required
from django.core.management import call_command
from django.test import Client, override_settings
from django.urls import include, path
from django.utils import translation

from chanspec import viewer
from chanspec.channels import page
from chanspec.channels.views import AsyncAPIDocView, AsyncAPISpecView, NoConsumerError
from tests.django.consumers import MistakenConsumer, NoticeConsumer, RideConsumer, SilentConsumer, TranslatedConsumer

urlpatterns = [
    path("one.yaml", AsyncAPISpecView.as_view(consumer=RideConsumer, channel_path="/ws/rides/")),
    path("default-path.yaml", AsyncAPISpecView.as_view(consumer=RideConsumer)),
    path(
        "many.yaml",
        AsyncAPISpecView.as_view(
            consumers=[(RideConsumer, "/ws/rides/"), (NoticeConsumer, "/ws/notices/<int:user_id>/")],
            info={"title": "Many", "version": "2"},
            servers={"production": {"host": "api.example.com", "protocol": "wss"}},
            perspective="client",
        ),
    ),
    path("mistaken.yaml", AsyncAPISpecView.as_view(consumer=MistakenConsumer)),
    path("translated.yaml", AsyncAPISpecView.as_view(consumer=TranslatedConsumer)),
    path("found.yaml", AsyncAPISpecView.as_view()),
    path("docs/", AsyncAPIDocView.as_view()),
    path("docs-without-slash", AsyncAPIDocView.as_view()),
    path("hand-written/", AsyncAPIDocView.as_view(spec_url="/static/asyncapi.yaml")),
    path("switcher/", AsyncAPIDocView.as_view(specs=[("Rides", "/one.yaml"), ("All <b>", "/many.yaml")])),
    path("own/", AsyncAPIDocView.as_view(template_name="own_docs.html")),
    path("missing-template/", AsyncAPIDocView.as_view(template_name="nowhere.html")),
    path("closed/", login_required(AsyncAPIDocView.as_view())),
    path("included/", include("chanspec.channels.urls")),
]

pytestmark = pytest.mark.urls(__name__)

silent_application = ProtocolTypeRouter({"websocket": URLRouter([path("ws/", SilentConsumer.as_asgi())])})


@pytest.fixture
def client() -> Client:
    return Client(headers={"host": "shop.example:8000"})


def document(response) -> dict:
    assert response.status_code == 200, response.content
    return yaml.safe_load(response.content)


def config(response) -> dict:
    html = response.content.decode()
    start = html.index('id="chanspec-config">') + len('id="chanspec-config">')
    return json.loads(html[start : html.index("</script>", start)])


class TestDocument:
    def test_is_yaml_by_default(self, client):
        response = client.get("/one.yaml")
        assert response["Content-Type"] == "application/yaml"
        assert document(response)["channels"]["rides"]["address"] == "/ws/rides/"

    def test_is_json_to_who_asks_for_it(self, client):
        for response in (
            client.get("/one.yaml?format=json"),
            client.get("/one.yaml", headers={"accept": "application/json"}),
        ):
            assert response["Content-Type"] == "application/json"
            assert json.loads(response.content) == document(client.get("/one.yaml"))

    def test_is_yaml_to_a_browser(self, client):
        response = client.get("/one.yaml", headers={"accept": "text/html,application/xml;q=0.9,*/*;q=0.8"})
        assert response["Content-Type"] == "application/yaml"

    def test_in_an_unknown_format_is_refused_without_an_echo(self, client):
        response = client.get("/one.yaml?format=<script>")
        assert response.status_code == 400
        assert response.content == b"format is yaml or json"

    def test_is_not_sent_again_while_unchanged(self, client):
        etag = client.get("/one.yaml")["ETag"]
        response = client.get("/one.yaml", headers={"if-none-match": etag})
        assert (response.status_code, response.content) == (304, b"")

    def test_changes_with_the_settings(self, client):
        before = client.get("/one.yaml")
        with override_settings(CHANSPEC={"TITLE": "Another"}):
            after = client.get("/one.yaml", headers={"if-none-match": before["ETag"]})
            assert document(after)["info"]["title"] == "Another"

    def test_of_several_consumers_takes_every_attribute(self, client):
        found = document(client.get("/many.yaml"))
        assert found["info"] == {"title": "Many", "version": "2"}
        assert found["servers"] == {"production": {"host": "api.example.com", "protocol": "wss"}}
        assert found["operations"]["rides_request_ride"]["action"] == "send"
        assert found["operations"]["notices_notice_new"]["action"] == "receive"
        assert found["channels"]["notices"]["address"] == "/ws/notices/{user_id}/"

    def test_without_a_path_has_that_of_the_settings(self, client):
        [channel] = document(client.get("/default-path.yaml"))["channels"].values()
        assert channel["address"] == "/"
        with override_settings(CHANSPEC={"CHANNEL_PATH": "/ws/dispatch/"}):
            assert document(client.get("/default-path.yaml"))["channels"]["dispatch"]["address"] == "/ws/dispatch/"

    def test_without_consumers_has_those_that_are_routed(self, client):
        found = document(client.get("/found.yaml"))
        assert found["channels"]["rooms"]["address"] == "/ws/rooms/{room_id}/"

    def test_without_any_consumer_is_an_error_that_is_a_value_error(self, client):
        with (
            override_settings(ASGI_APPLICATION=f"{__name__}.silent_application"),
            pytest.raises(NoConsumerError, match="no routed consumer declares messages") as raised,
        ):
            client.get("/found.yaml")
        assert isinstance(raised.value, ValueError)

    def test_without_an_application_says_so(self, client):
        with override_settings(ASGI_APPLICATION=None), pytest.raises(NoConsumerError, match="ASGI_APPLICATION"):
            client.get("/found.yaml")

    def test_is_in_the_reader_s_language(self, client):
        summaries = set()
        for language in ("en", "fr", "de"):
            with translation.override(language):
                summaries.add(document(client.get("/translated.yaml"))["operations"]["agree"]["summary"])
        assert summaries == {"Yes", "Oui", "Ja"}

    def test_logs_each_problem_once(self, client, caplog, monkeypatch):
        from chanspec.channels.documents import documents

        documents.forget()
        monkeypatch.setattr(documents, "_reported", set())  # once in a process, in which this may have been asked for
        with caplog.at_level(logging.WARNING, logger="chanspec"):
            client.get("/mistaken.yaml")
            client.get("/mistaken.yaml?format=json")
        lines = [record.getMessage() for record in caplog.records]
        assert len(lines) == 1
        assert lines[0].startswith("tests.django.consumers:MistakenConsumer.handle_numbers: ")

    def test_is_built_once_while_nothing_changes(self, client, monkeypatch):
        from chanspec.channels.documents import documents

        client.get("/one.yaml")
        monkeypatch.setattr(documents, "_generator", None)  # calling it again would be an error
        assert client.get("/one.yaml").status_code == 200

    def test_is_built_once_whatever_hosts_are_named(self, client, monkeypatch):
        from chanspec.asyncapi import AsyncAPIGenerator
        from chanspec.channels.documents import documents

        documents.forget()
        builds = []
        build = AsyncAPIGenerator._build
        monkeypatch.setattr(AsyncAPIGenerator, "_build", lambda self: builds.append(self) or build(self))
        tags = set()
        for number in range(200):
            host = f"host{number}.example"
            response = client.get("/one.yaml", headers={"host": host})
            assert document(response)["servers"]["default"]["host"] == host
            tags.add(response["ETag"])
            again = client.get("/one.yaml", headers={"host": host, "if-none-match": response["ETag"]})
            assert (again.status_code, again.content) == (304, b"")
        assert len(tags) == 200
        assert len(builds) == len(documents) == 1

    @pytest.mark.parametrize(
        "host", ['evil"><script>', "a b", "a,b", "a/b", "{{x}}", "a@b", "ex\u00e4mple", "[x]", "a:b:c"]
    )
    def test_names_no_host_that_is_none(self, client, host):
        response = client.get("/one.yaml", headers={"host": host.encode().decode("latin-1")})
        assert response.status_code == 400
        assert host.encode() not in response.content

    def test_names_no_host_of_any_length(self, client):
        assert "servers" not in document(client.get("/one.yaml", headers={"host": "a" * 50_000}))
        found = document(client.get("/one.yaml", headers={"host": "a" * 255 + ":8000"}))
        assert found["servers"]["default"]["host"] == "a" * 255 + ":8000"

    def test_answers_only_reads(self, client):
        assert client.post("/one.yaml").status_code == 405
        assert client.head("/one.yaml").status_code == 200


class TestServers:
    def test_come_from_the_request(self, client):
        assert document(client.get("/one.yaml"))["servers"]["default"] == {
            "host": "shop.example:8000",
            "protocol": "ws",
        }
        assert document(client.get("/one.yaml", secure=True))["servers"]["default"]["protocol"] == "wss"

    @override_settings(USE_X_FORWARDED_HOST=True, SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"))
    def test_are_the_proxy_s_behind_one(self, client):
        headers = {"x-forwarded-host": "api.example.com", "x-forwarded-proto": "https"}
        servers = document(client.get("/one.yaml", headers=headers))["servers"]
        assert servers["default"] == {"host": "api.example.com", "protocol": "wss"}

    @override_settings(CHANSPEC={"WS_HOST": "ws.example.com", "WS_PROTOCOL": "wss"})
    def test_may_be_another_host_by_settings(self, client):
        assert document(client.get("/one.yaml"))["servers"]["default"] == {"host": "ws.example.com", "protocol": "wss"}

    @override_settings(CHANSPEC={"SERVERS": {"live": {"host": "a.example", "protocol": "wss"}}})
    def test_may_be_static(self, client):
        assert document(client.get("/one.yaml"))["servers"] == {"live": {"host": "a.example", "protocol": "wss"}}

    @override_settings(CHANSPEC={"AUTH_QUERY_PARAM": "token", "AUTH_COOKIE_NAME": "sessionid"})
    def test_refer_to_the_security_schemes(self, client):
        found = document(client.get("/one.yaml"))
        references = [each["$ref"].rpartition("/")[2] for each in found["servers"]["default"]["security"]]
        assert references == list(found["components"]["securitySchemes"])

    @override_settings(ALLOWED_HOSTS=["shop.example"])
    def test_are_never_a_host_that_is_not_allowed(self, client):
        assert client.get("/one.yaml", headers={"host": "evil.example"}).status_code == 400


@pytest.mark.usefixtures("built_page")
class TestPage:
    def test_shows_the_document_below_its_own_path(self, client):
        assert config(client.get("/docs/"))["documents"] == [{"label": "WebSocket API", "url": "asyncapi.yaml"}]
        assert config(client.get("/docs-without-slash"))["documents"][0]["url"] == "./docs-without-slash/asyncapi.yaml"
        assert client.get("/included/asyncapi.yaml").status_code == 200
        found = client.get("/included/asyncapi.json")
        assert found["Content-Type"] == "application/json"
        assert found.json() == document(client.get("/included/asyncapi.yaml"))

    def test_may_show_any_document(self, client):
        assert config(client.get("/hand-written/"))["documents"][0]["url"] == "/static/asyncapi.yaml"

    def test_switches_between_several(self, client):
        response = client.get("/switcher/")
        assert [each["label"] for each in config(response)["documents"]] == ["Rides", "All <b>"]
        assert b"All <b>" not in response.content

    def test_may_have_its_own_template(self, client):
        html = client.get("/own/").content.decode()
        assert '<meta name="own" content="WebSocket API">' in html
        assert 'id="chanspec-config"' in html

    def test_says_which_template_is_missing(self, client):
        from django.template import TemplateDoesNotExist

        with pytest.raises(TemplateDoesNotExist, match=r"nowhere\.html"):
            client.get("/missing-template/")

    @override_settings(INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"])
    def test_works_in_a_project_that_does_not_install_the_app(self, client):
        page._is_collected.cache_clear()
        assert config(client.get("/docs/"))["documents"][0]["url"] == "asyncapi.yaml"

    def test_serves_its_own_files_where_none_are_collected(self, client):
        page._is_collected.cache_clear()
        assert f"?asset=docs.js&amp;v={viewer.asset('docs.js').version}" in client.get("/docs/").content.decode()
        response = client.get("/docs/", {"asset": "docs.js", "v": viewer.asset("docs.js").version})
        assert response.content == viewer.asset("docs.js").content
        assert response["Content-Type"].startswith("text/javascript")
        assert response["Cache-Control"] == "max-age=31536000, immutable"
        again = client.get("/docs/", {"asset": "docs.js"}, headers={"if-none-match": response["ETag"]})
        assert again.status_code == 304

    def test_serves_no_other_file(self, client):
        response = client.get("/docs/", {"asset": "../../conf.py"})
        assert (response.status_code, response.content) == (404, b"the page has no such file")

    def test_uses_static_files_that_were_collected(self, client, tmp_path):
        with override_settings(STATIC_ROOT=tmp_path, STATIC_URL="/static/"):
            page._is_collected.cache_clear()
            call_command("collectstatic", interactive=False, stdout=StringIO())
            assert (tmp_path / "chanspec" / "docs.js").read_bytes() == viewer.asset("docs.js").content
            response = client.get("/docs/")
            html = response.content.decode()
            again = client.get("/docs/", {"asset": "boot.js"})
        page._is_collected.cache_clear()
        assert '"/static/chanspec/docs.css?v=' in html
        # Nobody may serve them, so the page starts from its own view and knows both places.
        assert 'src="?asset=boot.js&amp;v=' in html
        assert again.status_code == 200
        assert config(response)["assets"]["script"].startswith("/static/chanspec/docs.js?v=")
        assert config(response)["assets"]["spareScript"].startswith("?asset=docs.js&v=")

    def test_does_not_use_static_files_of_another_release(self, client, tmp_path):
        with override_settings(STATIC_ROOT=tmp_path, STATIC_URL="/static/"):
            page._is_collected.cache_clear()
            call_command("collectstatic", interactive=False, stdout=StringIO())
            (tmp_path / "chanspec" / "docs.js").write_text("an older release")
            html = client.get("/docs/").content.decode()
        page._is_collected.cache_clear()
        assert "?asset=docs.js" in html

    @pytest.mark.django_db
    def test_can_be_closed(self, client):
        response = client.get("/closed/")
        assert response.status_code == 302
