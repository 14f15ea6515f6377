"""A real JupyterHub with its proxy, and a person who logs in."""

from __future__ import annotations

import json
import os
import sys
from http.cookiejar import CookieJar
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

from ..ports import unused_ports
from .guarded import GUARDED_PATHS, STRANGER
from .processes import EXTENSIONS, Program

if TYPE_CHECKING:
    from http.client import HTTPResponse

USER: Final = "jekyll"
PASSWORD: Final = "laboratory"  # noqa: S105
PROXY_TOKEN: Final = "proxy-sesame"  # noqa: S105
PROXY: Final = Path(__file__).parents[3] / "node_modules/.bin/configurable-http-proxy"

UNUSED: Final = dict.fromkeys(("jupyterlab", "jupyter_lsp", "notebook"), False)
"""What would be loaded because it is installed, and takes most of the time."""

_CONFIGURATION: Final = """
c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub_port}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api_port}"
c.ConfigurableHTTPProxy.command = ["{proxy}"]
c.ConfigurableHTTPProxy.pid_file = "{folder}/proxy.pid"
c.JupyterHub.db_url = "sqlite:///:memory:"
c.JupyterHub.cookie_secret_file = "{folder}/cookie_secret"
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = "{password}"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/home/{{username}}"
c.Spawner.cmd = ["{python}", "-m", "jupyterhub.singleuser"]
c.Spawner.args = [
    "--allow-root", "--ServerApp.jpserver_extensions={extensions}", "{guarded_paths}",
]
c.Spawner.environment = {{
    "JUPYTERHUB_SINGLEUSER_APP": "jupyter_server.serverapp.ServerApp",
    "JUPYTER_PREFER_ENV_PATH": "1",
}}
"""


class Hub(Program):
    """A hub with the dummy authenticator, the simple spawner and configurable-http-proxy."""

    def __init__(self, folder: Path) -> None:
        """Start nothing yet."""
        assert PROXY.exists(), "configurable-http-proxy is not installed; run jlpm install"
        port, hub_port, self.api_port = unused_ports(3)
        configuration = folder / "jupyterhub_config.py"
        configuration.write_text(
            _CONFIGURATION.format(
                folder=folder,
                port=port,
                hub_port=hub_port,
                api_port=self.api_port,
                proxy=PROXY,
                password=PASSWORD,
                python=sys.executable,
                extensions={**EXTENSIONS, STRANGER: True, **UNUSED},
                guarded_paths=GUARDED_PATHS,
            )
        )
        super().__init__(
            [sys.executable, "-m", "jupyterhub", "-f", configuration],
            port,
            folder / "hub.log",
            {
                "CONFIGPROXY_AUTH_TOKEN": PROXY_TOKEN,
                "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}",
            },
        )

    @property
    def address(self) -> str:
        """What a browser shows when JupyterLab is open."""
        return f"http://127.0.0.1:{self.port}/user/{USER}/lab"

    def routes(self) -> dict[str, Any]:
        """Return what the proxy knows of its routes, with their `last_activity`."""
        request = Request(
            f"http://127.0.0.1:{self.api_port}/api/routes",
            headers={"Authorization": f"token {PROXY_TOKEN}"},
        )
        with build_opener().open(request, timeout=10) as answer:
            routes: dict[str, Any] = json.load(answer)
        return routes

    def _listens(self) -> bool:
        """Tell whether the hub answers: its proxy listens before it knows the way to it."""
        try:
            with build_opener().open(f"http://127.0.0.1:{self.port}/hub/health", timeout=5):
                return True
        except OSError:
            return False


class Person:
    """Someone who uses the hub with a browser."""

    def __init__(self, hub: Hub) -> None:
        """Have no cookie yet."""
        self._base = f"http://127.0.0.1:{hub.port}"
        self._cookies = CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self._cookies))

    def log_in(self) -> None:
        """Fill in the form."""
        self._ask("/hub/login")
        form = {"username": USER, "password": PASSWORD, "_xsrf": self._xsrf}
        self._ask("/hub/login?next=/hub/home", urlencode(form).encode())

    def start_server(self) -> None:
        """Have the server started, and wait until it is."""
        self._ask(f"/hub/api/users/{USER}/server", b"")
        with self._open(f"/hub/api/users/{USER}/server/progress") as events:
            for line in events:
                if line.startswith(b"data:"):
                    event = json.loads(line[5:])
                    assert not event.get("failed"), event
                    if event.get("ready"):
                        return
        raise AssertionError("the hub does not say that the server is ready")

    def visit(self) -> str:
        """Open the server in the browser, and return the cookies that its pages send then."""
        self._ask(f"/user/{USER}/jupyter-ai-ws/login")
        request = Request(f"{self._base}/user/{USER}/lab")  # noqa: S310
        self._cookies.add_cookie_header(request)
        return request.get_header("Cookie", "")

    def stop_server(self) -> None:
        """Have the server stopped."""
        self._ask(f"/hub/api/users/{USER}/server", method="DELETE")

    def make_token(self) -> str:
        """Make a token as on the hub's token page."""
        token: str = json.loads(self._ask(f"/hub/api/users/{USER}/tokens", b"{}"))["token"]
        return token

    @property
    def _xsrf(self) -> str:
        return next(
            cookie.value or ""
            for cookie in self._cookies
            if cookie.name == "_xsrf" and cookie.path == "/hub/"
        )

    def _ask(self, path: str, data: bytes | None = None, method: str | None = None) -> bytes:
        with self._open(path, data, method) as answer:
            return answer.read()

    def _open(
        self, path: str, data: bytes | None = None, method: str | None = None
    ) -> HTTPResponse:
        headers = {"Referer": f"{self._base}/hub/home"}
        if "/api/" in path:
            headers |= {"X-XSRFToken": self._xsrf, "Content-Type": "application/json"}
        request = Request(self._base + path, data, headers, method=method)  # noqa: S310
        try:
            answer: HTTPResponse = self._opener.open(request, timeout=40)
        except HTTPError as error:
            raise AssertionError(f"{path}: {error.code} {error.read()[:500]!r}") from None
        return answer
