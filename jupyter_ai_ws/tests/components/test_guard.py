"""A guarded handler sees the same person as through a socket of its own, however one gets there."""

from __future__ import annotations

import socket
import ssl
import sys
from http.cookiejar import CookieJar
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPSHandler, build_opener

from jupyter_server.auth.security import passwd

from .certificate import make_certificate
from .guarded import GUARDED_PATHS, STRANGER, Way, told_natively, told_through_the_guard
from .processes import EXTENSIONS, TOKEN, Program, jupyter_server

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Run

WITH_STRANGER = {**EXTENSIONS, STRANGER: True}
PASSWORD = "laboratory"  # noqa: S105


async def test_password_and_cookie_over_https(tmp_path: Path, run: Run) -> None:
    hashed = passwd(PASSWORD, "sha256")  # type: ignore[no-untyped-call]
    certificate, key = make_certificate(tmp_path, "localhost")
    server = run(
        jupyter_server(
            tmp_path,
            f"--ServerApp.certfile={certificate}",
            f"--ServerApp.keyfile={key}",
            f"--PasswordIdentityProvider.hashed_password={hashed}",
            GUARDED_PATHS,
            extensions=WITH_STRANGER,
            JUPYTER_TOKEN="",
        )
    )
    address = f"https://localhost:{server.port}"
    way = Way(address, certificate=certificate, Cookie=log_in(address, certificate))
    told = await told_through_the_guard(way)
    native = await told_natively(way)
    assert told["from"] == native["from"] == ["127.0.0.1", "https", f"localhost:{server.port}"]
    assert (told["user"], told["cookie"]) == (native["user"], native["cookie"])


def log_in(address: str, certificate: Path) -> str:
    """Fill in the form and return the cookies a browser has then."""
    cookies = CookieJar()
    tls = HTTPSHandler(context=ssl.create_default_context(cafile=certificate))
    opener = build_opener(HTTPCookieProcessor(cookies), tls)
    opener.open(f"{address}/login", timeout=20).close()
    form = {"password": PASSWORD, "_xsrf": next(c.value for c in cookies if c.name == "_xsrf")}
    opener.open(f"{address}/login?next=/api/status", urlencode(form).encode(), timeout=20).close()
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in cookies)


class UnixServer(Program):
    """A Jupyter server that listens on a file and on no port."""

    def __init__(self, folder: Path) -> None:
        """Start nothing yet."""
        self.path = folder / "socket"
        names = ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
        command = [
            *(sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser"),
            f"--ServerApp.jpserver_extensions={WITH_STRANGER}",
            f"--ServerApp.sock={self.path}",
            GUARDED_PATHS,
        ]
        variables = {
            **dict.fromkeys(names, str(folder)),
            "JUPYTER_NO_CONFIG": "1",
            "JUPYTER_TOKEN": TOKEN,
        }
        super().__init__(command, 0, folder / "server.log", variables)

    def _listens(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.path)) == 0


async def test_token_over_a_unix_socket(tmp_path: Path, run: Run) -> None:
    server = UnixServer(tmp_path)
    run(server)
    way = Way("http://localhost", unix_socket=server.path, Authorization=f"token {TOKEN}")
    told = await told_through_the_guard(way)
    native = await told_natively(way)
    assert told["from"] == native["from"]
