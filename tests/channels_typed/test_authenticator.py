"""DjangoAuthenticator with real Django REST Framework: every class and hook that REST endpoints have works here."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any, Literal

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser, Group
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.http import HttpResponse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, generics, viewsets
from rest_framework.authentication import (
    BaseAuthentication,
    BasicAuthentication,
    SessionAuthentication,
    get_authorization_header,
)
from rest_framework.permissions import (
    SAFE_METHODS,
    AllowAny,
    BasePermission,
    DjangoModelPermissions,
    IsAdminUser,
    IsAuthenticated,
)
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle

from chanspec.channels.authenticator import AuthView, DjangoAuthenticator
from chanspec.channels.websocket import AsyncJsonWebsocketConsumer
from chanspec.decorators import ws_handler
from chanspec.messages import BaseMessage
from tests.communicator import WebsocketCommunicator

pytestmark = pytest.mark.django_db(transaction=True)

User = get_user_model()


class Whoami(BaseMessage):
    action: Literal["whoami"] = "whoami"
    payload: None = None


class You(BaseMessage):
    action: Literal["you"] = "you"
    payload: Any


class BearerAuthentication(BaseAuthentication):
    """As packages for JSON Web Tokens have it; the token is the user's name."""

    def authenticate(self, request: Any) -> Any:
        scheme, _, token = get_authorization_header(request).decode().partition(" ")
        if scheme.lower() != "bearer":
            return None
        user = User.objects.filter(username=token).first()
        if user is None:
            raise exceptions.AuthenticationFailed("Invalid token.")
        return user, token

    def authenticate_header(self, request: Any) -> str:
        return 'Bearer realm="api"'


class QueryAuthentication(BearerAuthentication):
    """A token in the query, as browsers can send."""

    def authenticate(self, request: Any) -> Any:
        name = request.query_params.get("token")
        return (User.objects.get(username=name), name) if name else None


class IsSelf(BasePermission):
    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        return bool(obj == request.user)


class Bearer(DjangoAuthenticator):
    authentication_classes = [BearerAuthentication]
    permission_classes = [IsAuthenticated]


class Session(DjangoAuthenticator):
    authentication_classes = [SessionAuthentication]
    permission_classes = [IsAuthenticated]


def consumer_with(authenticator: type[DjangoAuthenticator]) -> type[AsyncJsonWebsocketConsumer]:
    class Consumer(AsyncJsonWebsocketConsumer):
        authenticator_class = authenticator

        @ws_handler
        async def whoami(self, message: Whoami) -> You:
            assert self.user is self.authenticator.user
            obj = self.authenticator.obj
            return You(payload=[self.user.get_username(), None if obj is None else str(obj)])

    return Consumer


class Outcome:
    """What a handshake came to: its authentication message, then its close code or the answer to ``whoami``."""

    def __init__(self, status: int, data: Any, close_code: int | None, answer: Any) -> None:
        self.status = status
        self.data = data
        self.close_code = close_code
        self.answer = answer


async def connect(
    authenticator: type[DjangoAuthenticator], *, kwargs: dict[str, Any] | None = None, path: str = "/", **more: Any
) -> Outcome:
    headers = [
        (b"host", b"testserver"),
        *((k.lower().encode(), v.encode()) for k, v in more.pop("headers", {}).items()),
    ]
    communicator = WebsocketCommunicator(consumer_with(authenticator).as_asgi(), path, headers=headers)
    communicator.scope["url_route"] = {"args": (), "kwargs": kwargs or {}}
    communicator.scope.update(more)
    connected, _ = await communicator.connect(timeout=10)
    assert connected
    message = await communicator.receive_json_from()
    assert message["action"] == "authentication"
    status, data = message["payload"]["status_code"], message["payload"]["data"]
    if status >= 400:
        closed = await communicator.receive_output()
        assert closed["type"] == "websocket.close"
        await communicator.wait()
        return Outcome(status, data, closed["code"], None)
    await communicator.send_json_to({"action": "whoami"})
    answer = (await communicator.receive_json_from())["payload"]
    await communicator.disconnect()
    return Outcome(status, data, None, answer)


@pytest.fixture(autouse=True)
def fast_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def ada() -> Any:
    return User.objects.create_user("ada", password="secret")


@pytest.fixture
def bob() -> Any:
    return User.objects.create_user("bob", password="secret")


AS_ADA = {"Authorization": "Bearer ada"}


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


# ---- authentication classes ----------------------------------------------------------------------------


async def test_a_bearer_token_lets_its_user_in(ada: Any) -> None:
    outcome = await connect(Bearer, headers=AS_ADA)
    assert (outcome.status, outcome.data, outcome.answer) == (200, {"detail": "ok"}, ["ada", None])


async def test_a_stranger_is_closed_with_4401() -> None:
    outcome = await connect(Bearer)
    assert (outcome.status, outcome.close_code) == (401, 4401)
    assert "credentials were not provided" in outcome.data["detail"]


async def test_a_bad_token_is_closed_with_4401_and_says_why() -> None:
    outcome = await connect(Bearer, headers={"Authorization": "Bearer nobody"})
    assert (outcome.close_code, outcome.data) == (4401, {"detail": "Invalid token."})


async def test_basic_credentials_let_their_user_in(ada: Any) -> None:
    class Basic(Bearer):
        authentication_classes = [BasicAuthentication]

    assert (await connect(Basic, headers=basic("ada", "secret"))).answer == ["ada", None]
    assert (await connect(Basic, headers=basic("ada", "wrong"))).close_code == 4401


async def test_a_token_in_the_query_lets_its_user_in(ada: Any) -> None:
    class Query(Bearer):
        authentication_classes = [QueryAuthentication]

    assert (await connect(Query, path="/?token=ada")).answer == ["ada", None]


async def test_the_session_s_user_is_let_in(ada: Any) -> None:
    assert (await connect(Session, user=ada, session=SessionStore())).answer == ["ada", None]


async def test_a_lazy_user_is_asked_for_in_the_thread_that_may_use_the_database(ada: Any) -> None:
    lazy = SimpleLazyObject(lambda: User.objects.get(username="ada"))
    assert (await connect(Session, user=lazy)).answer == ["ada", None]


async def test_nobody_s_session_is_403_as_in_a_rest_endpoint() -> None:
    assert (await connect(Session, user=AnonymousUser())).close_code == 4403  # it has no WWW-Authenticate header


async def test_the_projects_own_classes_are_the_default(ada: Any) -> None:
    class Default(DjangoAuthenticator):
        pass

    assert AuthView.authentication_classes == [SessionAuthentication, BasicAuthentication]
    assert (await connect(Default, headers=basic("ada", "secret"))).answer == ["ada", None]
    assert (await connect(Default)).answer == ["", None]  # AllowAny


async def test_a_stranger_who_is_let_in_is_not_taken_for_the_session_s_user(ada: Any, settings: Any) -> None:
    class Open(DjangoAuthenticator):
        authentication_classes = [BearerAuthentication]
        permission_classes = [AllowAny]

    assert (await connect(Open, user=ada)).answer == ["", None]


async def test_the_request_has_the_handshake_s_query_headers_cookies_and_session(ada: Any) -> None:
    seen: dict[str, Any] = {}

    class Looks(BasePermission):
        def has_permission(self, request: Any, view: Any) -> bool:
            seen.update(
                query=request.GET["room"],
                header=request.META["HTTP_X_DEVICE"],
                cookie=request.COOKIES["theme"],
                session=request.session["cart"],
                path=request.path,
                method=request.method,
                kwargs=view.kwargs,
                remote=request.META["REMOTE_ADDR"],
                secure=request.is_secure(),
            )
            return True

    class Looking(Bearer):
        permission_classes = [Looks]

    session = SessionStore()
    session["cart"] = 3
    await connect(
        Looking,
        path="/rooms/?room=7",
        kwargs={"room": 7},
        headers={**AS_ADA, "X-Device": "watch", "Cookie": "theme=dark"},
        session=session,
        client=["10.1.2.3", 40000],
        scheme="wss",
    )
    assert seen == {
        "query": "7",
        "header": "watch",
        "cookie": "dark",
        "session": 3,
        "path": "/rooms/",
        "method": "GET",
        "kwargs": {"room": 7},
        "remote": "10.1.2.3",
        "secure": True,
    }


# ---- permissions and objects ---------------------------------------------------------------------------


class OwnUser(Bearer):
    permission_classes = [IsAuthenticated, IsSelf]
    queryset = User.objects.all()


async def test_a_permission_that_is_missing_is_closed_with_4403(ada: Any) -> None:
    class Admins(Bearer):
        permission_classes = [IsAdminUser]

    outcome = await connect(Admins, headers=AS_ADA)
    assert (outcome.status, outcome.close_code) == (403, 4403)


async def test_the_object_is_looked_up_by_the_route_s_parameter(ada: Any) -> None:
    assert (await connect(OwnUser, headers=AS_ADA, kwargs={"pk": ada.pk})).answer == ["ada", "ada"]


async def test_a_parameter_of_starlette_s_kind_of_scope_is_understood(ada: Any) -> None:
    outcome = await connect(OwnUser, headers=AS_ADA, path_params={"pk": ada.pk}, url_route={"kwargs": {}})
    assert outcome.answer == ["ada", "ada"]


async def test_somebody_else_s_object_is_closed_with_4403(ada: Any, bob: Any) -> None:
    assert (await connect(OwnUser, headers=AS_ADA, kwargs={"pk": bob.pk})).close_code == 4403


async def test_an_object_that_does_not_exist_is_closed_with_4404(ada: Any) -> None:
    outcome = await connect(OwnUser, headers=AS_ADA, kwargs={"pk": 10**6})
    assert (outcome.status, outcome.close_code) == (404, 4404)


async def test_a_manager_will_do_for_a_queryset(ada: Any) -> None:
    class Managed(OwnUser):
        queryset = User.objects

    assert (await connect(Managed, headers=AS_ADA, kwargs={"pk": ada.pk})).answer == ["ada", "ada"]


@pytest.mark.parametrize("nothing", [None, True])
async def test_without_a_queryset_there_is_no_object(ada: Any, nothing: Any) -> None:
    class Nothing(Bearer):
        queryset = nothing

    assert (await connect(Nothing, headers=AS_ADA, kwargs={"pk": ada.pk})).answer == ["ada", None]


async def test_lookup_field_and_lookup_url_kwarg_are_drf_s(ada: Any) -> None:
    class ByName(OwnUser):
        lookup_field = "username"

    class ByWho(ByName):
        lookup_url_kwarg = "who"

    assert (await connect(ByName, headers=AS_ADA, kwargs={"username": "ada"})).answer == ["ada", "ada"]
    assert (await connect(ByWho, headers=AS_ADA, kwargs={"who": "ada"})).answer == ["ada", "ada"]


def test_the_look_up_s_attributes_have_their_defaults_on_the_class() -> None:
    assert DjangoAuthenticator.lookup_field == "pk"
    assert DjangoAuthenticator.lookup_url_kwarg is None
    assert DjangoAuthenticator.queryset is None


async def test_what_the_view_says_of_its_look_up_goes_before_those_defaults(ada: Any) -> None:
    class ByNameView(AuthView):
        authentication_classes = [BearerAuthentication]
        queryset = User.objects.all()
        lookup_field = "username"
        lookup_url_kwarg = "who"

    class AsTheView(DjangoAuthenticator):
        auth_view_class = ByNameView

    class ByKey(AsTheView):
        lookup_field = "pk"
        lookup_url_kwarg = None

    assert (await connect(AsTheView, headers=AS_ADA, kwargs={"who": "ada"})).answer == ["ada", "ada"]
    assert (await connect(ByKey, headers=AS_ADA, kwargs={"pk": ada.pk})).answer == ["ada", "ada"]


async def test_an_overridden_look_up_can_read_what_it_would_be_by_default(ada: Any) -> None:
    class Written(OwnUser):
        def get_object(self) -> Any:
            assert (self.lookup_field, self.lookup_url_kwarg) == ("pk", None)
            return self.get_queryset().get(**{self.lookup_field: self.scope["url_route"]["kwargs"]["id"]})

    assert (await connect(Written, headers=AS_ADA, kwargs={"id": ada.pk})).answer == ["ada", "ada"]


async def test_a_route_without_the_parameter_lets_nobody_in_and_says_what_is_missing(
    ada: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await connect(OwnUser, headers=AS_ADA)).close_code == 4500
    assert 'URL keyword argument named "pk"' in caplog.text


async def test_get_queryset_can_be_overridden_and_knows_the_user(ada: Any, bob: Any) -> None:
    class Own(Bearer):
        def get_queryset(self) -> Any:
            return User.objects.filter(pk=self.user.pk)

    assert (await connect(Own, headers=AS_ADA, kwargs={"pk": ada.pk})).answer == ["ada", "ada"]
    assert (await connect(Own, headers=AS_ADA, kwargs={"pk": bob.pk})).close_code == 4404


async def test_get_object_can_be_overridden_and_its_permissions_are_checked_all_the_same(ada: Any, bob: Any) -> None:
    class Named(Bearer):
        permission_classes = [IsSelf]

        def get_object(self) -> Any:
            assert self.request is not None
            return User.objects.get(username=self.request.GET["name"])

    assert (await connect(Named, headers=AS_ADA, path="/?name=ada")).answer == ["ada", "ada"]
    assert (await connect(Named, headers=AS_ADA, path="/?name=bob")).close_code == 4403


async def test_attributes_of_an_instance_go_before_the_class_s(ada: Any) -> None:
    class Late(Bearer):
        def __init__(self, send_message: Any) -> None:
            super().__init__(send_message)
            self.permission_classes = [IsAdminUser]

    assert (await connect(Late, headers=AS_ADA)).close_code == 4403


async def test_model_permissions_ask_for_what_the_method_does(ada: Any) -> None:
    class Adds(Bearer):
        permission_classes = [DjangoModelPermissions]
        queryset = Group.objects.all()
        auth_method = "post"

        def get_object(self) -> Any:
            return None

    assert (await connect(Adds, headers=AS_ADA)).close_code == 4403
    from django.contrib.auth.models import Permission

    await ada.user_permissions.aadd(await Permission.objects.aget(codename="add_group"))
    assert (await connect(Adds, headers=AS_ADA)).answer == ["ada", None]


# ---- views ---------------------------------------------------------------------------------------------

called: list[str] = []


class UserView(generics.RetrieveDestroyAPIView):  # type: ignore[type-arg]
    authentication_classes = [BearerAuthentication]
    permission_classes = [IsAuthenticated]
    queryset = User.objects.all()

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(username__startswith=self.kwargs.get("begins", ""))

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        called.append("get")
        return Response({"at": gettext_lazy("home"), "since": timedelta(hours=1), "id": self.get_object().pk})

    def delete(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        called.append("delete")
        return HttpResponse(status=204)


@pytest.fixture(autouse=True)
def nothing_called() -> None:
    called.clear()


class ByView(DjangoAuthenticator):
    auth_view_class = UserView


async def test_a_view_of_the_project_s_lends_its_classes_and_its_look_up(ada: Any) -> None:
    assert (await connect(ByView, headers=AS_ADA, kwargs={"pk": ada.pk})).answer == ["ada", "ada"]
    assert (await connect(ByView, headers=AS_ADA, kwargs={"pk": ada.pk, "begins": "b"})).close_code == 4404
    assert (await connect(ByView, kwargs={"pk": ada.pk})).close_code == 4401
    assert called == []


async def test_what_the_authenticator_sets_goes_before_the_view_s(ada: Any) -> None:
    class Strict(ByView):
        permission_classes = [IsAdminUser]

    assert (await connect(Strict, headers=AS_ADA, kwargs={"pk": ada.pk})).close_code == 4403


async def test_a_view_s_get_object_is_asked(ada: Any) -> None:
    class Mine(generics.GenericAPIView):  # type: ignore[type-arg]
        authentication_classes = [BearerAuthentication]

        def get_object(self) -> Any:
            return self.request.user

    class ByMine(DjangoAuthenticator):
        auth_view_class = Mine

    assert (await connect(ByMine, headers=AS_ADA)).answer == ["ada", "ada"]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
async def test_the_emulated_method_is_the_one_that_is_set(ada: Any, method: Any) -> None:
    class Writes(BasePermission):
        def has_permission(self, request: Any, view: Any) -> bool:
            called.append(request.method)
            return request.method not in SAFE_METHODS or method == "options"

    class Method(ByView):
        permission_classes = [Writes]
        auth_method = method

    assert (await connect(Method, headers=AS_ADA, kwargs={"pk": ada.pk})).answer == ["ada", "ada"]
    assert called == [method.upper()]  # and no method of the view's


async def test_the_view_s_own_method_runs_where_it_is_not_overridden(ada: Any) -> None:
    class Real(ByView):
        override_http_methods = False

    outcome = await connect(Real, headers=AS_ADA, kwargs={"pk": ada.pk})
    assert outcome.answer == ["ada", "ada"]
    assert outcome.data == {"at": "home", "since": "3600.0", "id": ada.pk}
    assert called == ["get"]


async def test_an_answer_without_data_will_do(ada: Any) -> None:
    class Deletes(ByView):
        override_http_methods = False
        auth_method = "delete"

    outcome = await connect(Deletes, headers=AS_ADA, kwargs={"pk": ada.pk})
    assert (outcome.status, outcome.data, called) == (200, None, ["delete"])


async def test_a_method_that_the_view_lacks_is_closed_with_4405(ada: Any) -> None:
    class Puts(ByView):
        override_http_methods = False
        auth_method = "put"

    assert (await connect(Puts, headers=AS_ADA, kwargs={"pk": ada.pk})).close_code == 4405


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
async def test_the_base_view_has_every_method(ada: Any, method: str) -> None:
    class Plain(OwnUser):
        override_http_methods = False
        auth_method = method

    assert (await connect(Plain, headers=AS_ADA, kwargs={"pk": ada.pk})).answer == ["ada", "ada"]
    assert (await connect(Plain, headers=AS_ADA, kwargs={"pk": 0})).close_code == 4404


class UserViewSet(viewsets.ModelViewSet):  # type: ignore[type-arg]
    authentication_classes = [BearerAuthentication]
    queryset = User.objects.all()

    def get_permissions(self) -> Any:
        called.append(str(self.action))
        return [IsAuthenticated()]

    def retrieve(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        called.append("retrieved")
        return Response({"id": self.get_object().pk})


async def test_a_view_set_knows_its_action(ada: Any) -> None:
    class BySet(DjangoAuthenticator):
        auth_view_class = UserViewSet

    class Real(BySet):
        override_http_methods = False

    assert (await connect(BySet, headers=AS_ADA, kwargs={"pk": ada.pk})).answer == ["ada", "ada"]
    assert set(called) == {"retrieve"}
    assert (await connect(Real, headers=AS_ADA, kwargs={"pk": ada.pk})).data == {"id": ada.pk}
    assert "retrieved" in called


async def test_throttles_are_kept(ada: Any) -> None:
    class Throttle(SimpleRateThrottle):
        rate = "1/min"

        def get_cache_key(self, request: Any, view: Any) -> str:
            return "handshakes"

    class Limited(DjangoAuthenticator):
        class auth_view_class(AuthView):
            authentication_classes = [BearerAuthentication]
            throttle_classes = [Throttle]

    from django.core.cache import cache

    cache.clear()
    assert (await connect(Limited, headers=AS_ADA)).status == 200
    assert (await connect(Limited, headers=AS_ADA)).close_code == 4429


async def test_an_accept_header_of_any_kind_is_no_reason_to_refuse(ada: Any) -> None:
    assert (await connect(Bearer, headers={**AS_ADA, "Accept": "text/x-nothing"})).status == 200


async def test_a_failing_permission_is_logged_and_closed_with_4500(ada: Any, caplog: pytest.LogCaptureFixture) -> None:
    class Fails(BasePermission):
        def has_permission(self, request: Any, view: Any) -> bool:
            raise RuntimeError("no such table: secrets")

    class Failing(Bearer):
        permission_classes = [Fails]

    outcome = await connect(Failing, headers=AS_ADA)
    assert (outcome.close_code, outcome.data) == (4500, None)  # and not why
    assert "no such table: secrets" in caplog.text


# ---- origins -------------------------------------------------------------------------------------------

FOREIGN = ["http://evil.example", "null", "http://testserver.evil.example", "http://testserver:8000", "http://[", ""]


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("method", ["get", "post"])
async def test_a_session_that_a_foreign_page_brings_is_refused(ada: Any, origin: str, method: Any) -> None:
    class Method(Session):
        auth_method = method

    outcome = await connect(Method, user=ada, headers={"Origin": origin, "Cookie": "sessionid=x"})
    assert outcome.close_code == 4403
    assert "origin" in outcome.data["detail"]


@pytest.mark.parametrize("method", ["get", "post"])
async def test_a_session_of_the_own_site_is_taken(ada: Any, method: Any) -> None:
    class Method(Session):
        auth_method = method

    assert (await connect(Method, user=ada, headers={"Origin": "http://testserver"})).answer == ["ada", None]
    wss = await connect(Method, user=ada, headers={"Origin": "https://testserver"}, scheme="wss")
    assert wss.answer == ["ada", None]


async def test_a_session_without_an_origin_is_taken_unless_the_method_changes_something(ada: Any) -> None:
    class Posts(Session):
        auth_method = "post"

    assert (await connect(Session, user=ada)).status == 200
    assert (await connect(Posts, user=ada)).close_code == 4403


async def test_trusted_origins_are_those_of_django_s_forms(ada: Any, settings: Any) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://*.example.com", "http://localhost:3000"]
    for origin in ("https://app.example.com", "http://localhost:3000"):
        assert (await connect(Session, user=ada, headers={"Origin": origin})).status == 200
    for origin in ("http://app.example.com", "https://example.org", "http://localhost:3001", "https://xexample.com"):
        assert (await connect(Session, user=ada, headers={"Origin": origin})).close_code == 4403


@pytest.mark.parametrize(
    "trusted", ["https://*.", "https://*", "https://.", "https://", "null", "https://.example.com", "*"]
)
async def test_a_trusted_origin_that_names_no_domain_trusts_nobody(ada: Any, settings: Any, trusted: str) -> None:
    settings.CSRF_TRUSTED_ORIGINS = [trusted]
    for origin in ("https://evil.example", "https://evil.example.", "https://app.example.com", "null", "https://", ""):
        assert (await connect(Session, user=ada, headers={"Origin": origin})).close_code == 4403


async def test_a_host_that_is_not_allowed_has_no_origin_of_its_own(ada: Any, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["example.com"]
    assert (await connect(Session, user=ada, headers={"Origin": "http://testserver"})).close_code == 4403


async def test_credentials_that_browsers_remember_are_refused_from_a_foreign_page(ada: Any) -> None:
    class Basic(Bearer):
        authentication_classes = [BasicAuthentication]

    class Cookie(BaseAuthentication):
        def authenticate(self, request: Any) -> Any:
            return User.objects.get(username=request.COOKIES["jwt"]), None

    class ByCookie(Bearer):
        authentication_classes = [Cookie]

    origin = {"Origin": "http://evil.example"}
    assert (await connect(Basic, headers={**basic("ada", "secret"), **origin})).close_code == 4403
    assert (await connect(ByCookie, headers={"Cookie": "jwt=ada", **origin})).close_code == 4403
    assert (await connect(ByCookie, headers={"Cookie": "jwt=ada", "Origin": "http://testserver"})).status == 200


async def test_credentials_that_no_page_can_steal_are_taken_from_anywhere(ada: Any) -> None:
    class Query(Bearer):
        authentication_classes = [QueryAuthentication]

    origin = {"Origin": "http://app.example"}
    assert (await connect(Bearer, headers={**AS_ADA, **origin, "Cookie": "theme=dark"})).status == 200
    assert (await connect(Query, path="/?token=ada", headers=origin)).status == 200


# ---- refusal -------------------------------------------------------------------------------------------


async def test_nothing_of_the_consumer_runs_for_a_client_that_is_refused() -> None:
    ran: list[str] = []

    class Strict(AsyncJsonWebsocketConsumer):
        authenticator_class = Bearer

        async def connect(self) -> None:
            ran.append("connect")

        async def post_authentication(self) -> None:
            ran.append("post_authentication")

        async def disconnect(self, code: int) -> None:
            ran.append("disconnect")

        @ws_handler
        async def whoami(self, message: Whoami) -> None:
            ran.append("whoami")

    communicator = WebsocketCommunicator(Strict.as_asgi(), "/")
    await communicator.send_input({"type": "websocket.connect"})
    await communicator.send_input({"type": "websocket.receive", "text": json.dumps({"action": "whoami"})})
    kinds = [(await communicator.receive_output())["type"] for _ in range(3)]
    assert kinds == ["websocket.accept", "websocket.send", "websocket.close"]
    await communicator.wait()
    assert ran == []


# ---- mistakes and the document -------------------------------------------------------------------------


def test_a_method_that_http_does_not_have_is_an_error_at_class_definition() -> None:
    with pytest.raises(TypeError, match=r"Wrong\.auth_method is 'fetch'; write one of 'get'"):

        class Wrong(DjangoAuthenticator):
            auth_method = "fetch"  # type: ignore[assignment]


def test_a_view_that_looks_nothing_up_is_an_error_at_class_definition() -> None:
    with pytest.raises(TypeError, match=r"Wrong\.auth_view_class is .*; write a class derived from GenericAPIView"):

        class Wrong(DjangoAuthenticator):
            auth_view_class = object  # type: ignore[assignment]


def test_authentication_and_permission_classes_are_security_schemes() -> None:
    class All(DjangoAuthenticator):
        authentication_classes = [SessionAuthentication, BasicAuthentication, BearerAuthentication]
        permission_classes = [IsAuthenticated & (IsSelf | ~IsAdminUser)]

    permissions = ["(IsAuthenticated and (IsSelf or not IsAdminUser))"]
    said = f"Permissions: {permissions[0]}."
    assert All.security_schemes() == {
        "sessionAuthentication": {
            "type": "httpApiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": f"The session cookie, which browsers send by themselves. {said}",
            "x-permissions": permissions,
        },
        "basicAuthentication": {
            "type": "http",
            "scheme": "basic",
            "description": said,
            "x-permissions": permissions,
        },
        "bearerAuthentication": {
            "type": "http",
            "scheme": "bearer",
            "description": said,
            "x-permissions": permissions,
        },
    }
