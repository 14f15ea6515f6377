"""Who reaches which session (rule H2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from jupyter_server.auth import IdentityProvider, User
from jupyter_server.auth.identity import LegacyIdentityProvider, PasswordIdentityProvider
from jupyter_server.auth.login import LegacyLoginHandler, LoginFormHandler
from jupyter_server.auth.security import passwd
from jupyter_server.base.handlers import JupyterHandler

from jupyter_ai_ws.principal import OWNER, Principal, principal_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from jupyter_ai_ws.sessions import SessionServer

    from .conftest import Connect
    from .raw_socket import Clock

    Fetch = Callable[..., Awaitable[Any]]

PASSWORD = "a long one"  # noqa: S105


class NamedByHeader(IdentityProvider):
    """Every request says whose it is, as behind an authenticating proxy."""

    def get_user(self, handler: Any) -> User | None:
        name = handler.request.headers.get("X-User")
        return User(name) if name else None


class NamedByLogin(PasswordIdentityProvider):
    """The name is given at login and kept in jupyter_server's own cookie."""

    def process_login_form(self, handler: Any) -> User | None:
        return User(handler.get_argument("name"))


class NamedByToken(IdentityProvider):
    """The token names its user."""

    async def get_user_token(self, handler: Any) -> User | None:
        return User("alice")


class NamingLoginHandler(LegacyLoginHandler):
    """Names the user in the way of before 2.0."""

    @classmethod
    def get_user(cls, handler: Any) -> Any:
        return "alice"


class Themed(PasswordIdentityProvider):
    """Changes nothing about users."""


class FakeHandler:
    """As much of a handler as is looked at."""

    def __init__(self, provider: IdentityProvider, get_current_user: Any) -> None:
        self.identity_provider = provider
        self.current_user = User("alice")
        self.get_current_user = get_current_user


def principal_with(provider: IdentityProvider, get_current_user: Any = None) -> Principal:
    handler: Any = FakeHandler(provider, get_current_user or JupyterHandler.get_current_user)
    return principal_of(handler)


@pytest.mark.parametrize(
    "provider_class",
    [IdentityProvider, PasswordIdentityProvider, LegacyIdentityProvider, Themed],
)
def test_who_gets_in_by_a_stock_provider_is_the_owner(
    provider_class: type[IdentityProvider],
) -> None:
    assert principal_with(provider_class()) == OWNER


def named_by_patch() -> IdentityProvider:
    provider = IdentityProvider()
    provider.get_user = lambda handler: User("alice")  # type: ignore[method-assign]
    return provider


@pytest.mark.parametrize(
    "provider",
    [
        NamedByHeader(),
        NamedByLogin(),
        NamedByToken(),
        LegacyIdentityProvider(login_handler_class=NamingLoginHandler),
        PasswordIdentityProvider(login_handler_class=type("Own", (LoginFormHandler,), {})),
        named_by_patch(),
    ],
)
def test_whoever_may_be_named_is_known_by_name(provider: IdentityProvider) -> None:
    assert principal_with(provider) == Principal("user", "alice")


def test_whoever_an_overridden_get_current_user_names_is_known_by_name() -> None:
    def get_current_user(handler: JupyterHandler) -> str:
        return "alice"

    assert principal_with(IdentityProvider(), get_current_user) == Principal("user", "alice")


def test_no_user_can_be_named_like_the_owner() -> None:
    assert Principal("user", OWNER.name) != OWNER
    assert Principal("user", OWNER.kind) != OWNER


@pytest.fixture
def named_users(jp_server_config: dict[str, Any]) -> None:
    jp_server_config["ServerApp"]["identity_provider_class"] = NamedByHeader
    jp_server_config["ServerApp"]["disable_check_xsrf"] = True  # these users have no cookie


def user(name: str) -> dict[str, str]:
    return {"X-User": name, "Authorization": ""}


@pytest.mark.usefixtures("named_users")
async def test_named_user_never_attaches_to_a_session_of_another(
    connect: Connect, sessions: SessionServer
) -> None:
    alice = await connect(headers=user("alice"))
    welcome = await alice.welcome()
    alice.open(1, "echo")
    await alice.units(1)
    alice.send("1\x1esecret")
    for name in ("bob", "Alice", "alice@", "owner"):
        thief = await connect(
            headers=user(name), sid=alice.sid, epoch=welcome.epoch, received=1, serial=9
        )
        answer = await thief.welcome()
        assert (answer.resumed, answer.epoch) == (False, None)
        assert (await thief.closed())[0] == 4404
    assert await alice.units(1) == ["secret"]
    again = await connect(
        headers=user("alice"), sid=alice.sid, epoch=welcome.epoch, received=1, serial=2
    )
    assert (await again.welcome()).resumed
    assert await again.units(1) == ["secret"]
    assert len(sessions.acceptor.sessions) == 1


@pytest.mark.usefixtures("named_users")
async def test_two_users_may_use_the_same_sid(connect: Connect, sessions: SessionServer) -> None:
    alice = await connect(headers=user("alice"))
    bob = await connect(headers=user("bob"), sid=alice.sid)
    assert (await alice.welcome()).epoch != (await bob.welcome()).epoch
    alice.open(1, "echo")
    await alice.units(1)
    bob.open(1, "echo")
    await bob.units(1)
    bob.send("1\x1eof bob")
    assert await bob.units(1) == ["of bob"]
    assert len(sessions.acceptor.sessions) == 2


@pytest.mark.usefixtures("named_users")
async def test_named_user_cannot_say_bye_for_another(
    connect: Connect, jp_fetch: Fetch, sessions: SessionServer, clock: Clock
) -> None:
    alice = await connect(headers=user("alice"))
    welcome = await alice.welcome()
    body = urlencode({"sid": alice.sid, "epoch": welcome.epoch or "", "serial": 1})
    for name, held in (("bob", 1), ("alice", 0)):
        await jp_fetch("jupyter-ai-ws", "health", method="POST", body=body, headers=user(name))
        clock.advance(11)
        sessions.tick()
        assert len(sessions.acceptor.sessions) == held


@pytest.fixture
def with_password(jp_server_config: dict[str, Any]) -> None:
    hashed = passwd(PASSWORD, "sha1")  # type: ignore[no-untyped-call]
    jp_server_config["PasswordIdentityProvider"] = {"hashed_password": hashed}


async def logged_in(fetch: Fetch) -> str:
    """Log in by the form and return the cookie."""
    page = await fetch("login", headers={"Authorization": ""})
    xsrf = page.headers["Set-Cookie"].split(";")[0]
    body = urlencode({"password": PASSWORD, "_xsrf": xsrf.split("=", 1)[1]})
    response = await fetch(
        "login",
        method="POST",
        body=body,
        headers={"Authorization": "", "Cookie": xsrf},
        follow_redirects=False,
        raise_error=False,
    )
    assert response.code == 302
    cookies: list[str] = response.headers.get_list("Set-Cookie")
    return next(line.split(";")[0] for line in cookies if line.startswith("username-"))


@pytest.mark.usefixtures("with_password")
async def test_password_user_who_logs_out_and_in_again_resumes(
    connect: Connect, jp_fetch: Fetch, jp_http_port: int
) -> None:
    host = {"Host": f"127.0.0.1:{jp_http_port}", "Authorization": ""}
    cookie = await logged_in(jp_fetch)
    first = await connect(headers={**host, "Cookie": cookie})
    welcome = await first.welcome()
    first.open(1, "echo")
    await first.units(1)
    await jp_fetch("logout", headers={"Authorization": "", "Cookie": cookie})
    new_cookie = await logged_in(jp_fetch)
    assert new_cookie != cookie
    second = await connect(
        headers={**host, "Cookie": new_cookie},
        sid=first.sid,
        epoch=welcome.epoch,
        received=1,
        serial=2,
    )
    assert (await second.welcome()).resumed
    second.send("1\x1estill here")
    assert await second.units(1) == ["still here"]
