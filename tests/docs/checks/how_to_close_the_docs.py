"""Who is not known sees neither page nor document."""

import base64

import pytest
from closed import PASSWORD, app
from django.contrib.auth.models import User
from django.test import Client, override_settings
from fastapi.testclient import TestClient


@pytest.mark.django_db
def test_django() -> None:
    paths = ("/ws-docs/", "/ws-docs/asyncapi.yaml")
    assert [Client().get(path).status_code for path in paths] == [302, 302]
    staff = Client()
    staff.force_login(User.objects.create_user("ada", is_staff=True))
    assert [staff.get(path).status_code for path in paths] == [200, 200]


@override_settings(ROOT_URLCONF="mysite.public_urls")
def test_django_without() -> None:
    assert Client().get("/ws-docs/").status_code == 404


def test_fastapi() -> None:
    client = TestClient(app)
    paths = ("/ws-docs/", "/ws-docs/asyncapi.json", "/ws-docs/assets/docs.js")
    assert [client.get(path).status_code for path in paths] == [401, 401, 401]
    sign = base64.b64encode(f"docs:{PASSWORD}".encode()).decode()
    assert [client.get(path, headers={"authorization": f"Basic {sign}"}).status_code for path in paths] == [200] * 3
    document = client.get("/ws-docs/asyncapi.json", headers={"authorization": f"Basic {sign}"}).json()
    assert document["channels"]["room"]["address"] == "/ws/rooms/{name}"
