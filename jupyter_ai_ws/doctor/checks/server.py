"""Whether a Jupyter server runs there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..json_object import read_object
from ..report import Result
from .base import Check

if TYPE_CHECKING:
    from ..line import Answer
    from .base import Patient

__all__ = ["ServerCheck"]


RIGHT_ADDRESS: Final = "Give the address that the browser shows when JupyterLab is open."
WITHOUT_THE_LOGIN: Final = (
    "Run this where the server runs, with its own address: jupyter server list"
)


class ServerCheck(Check):
    """A Jupyter server, or what answers in its place."""

    name = "server"
    fatal = True

    async def run(self, patient: Patient) -> Result:
        """Ask for the version, which needs no authentication."""
        try:
            answer = await patient.line.fetch("api")
        except TimeoutError:
            return Result(
                "failed",
                "The connection is taken, and no answer comes within 5 s.",
                (
                    "Look at what the server is doing; it may be blocked by long work.",
                    "If the scheme is wrong (http or https), correct it.",
                ),
            )
        except OSError:
            return Result(
                "failed",
                "The connection breaks off without an answer.",
                ("Check the scheme: https:// where the port is encrypted, else http://.",),
            )
        patient.proxy_name = answer.headers.get("Server", "")
        if _is_hub(answer, patient.target.base_path):
            return Result(
                "failed",
                "A hub answers at this address, and not the server of one of its users.",
                (RIGHT_ADDRESS,),
                {"status": answer.status},
            )
        version = _version(answer)
        if version is None:
            return _explain(answer)
        return Result(
            "ok",
            f"A Jupyter server {version} answers.",
            figures={"jupyter_server": version, "server_header": patient.proxy_name},
        )


def _version(answer: Answer) -> str | None:
    if answer.status != 200:
        return None
    version = (read_object(answer.body) or {}).get("version")
    return version if isinstance(version, str) else None


def _is_hub(answer: Answer, base_path: str) -> bool:
    """Whether it is a hub's own address: servers of its users send this header, too."""
    not_found = answer.status == 404 and "/user/" not in base_path
    by_itself = answer.redirected if answer.status == 200 else not_found
    return by_itself and "X-JupyterHub-Version" in answer.headers


def _is_page(answer: Answer) -> bool:
    """Whether a page for people is answered, as logins do, in place of an error."""
    return answer.status == 200 and answer.headers.get("Content-Type", "").startswith("text/html")


def _explain(answer: Answer) -> Result:
    """Say who answers in place of a Jupyter server."""
    figures = {"status": answer.status}
    if answer.elsewhere:
        return Result(
            "failed",
            "A login before the server leads to another address, where no token is sent.",
            (WITHOUT_THE_LOGIN,),
            figures,
        )
    if answer.status == 401 or _is_page(answer):
        return Result(
            "failed",
            "A login or another page stands before the server "
            f"(status {answer.status}), and no token gets past it.",
            (WITHOUT_THE_LOGIN, RIGHT_ADDRESS),
            figures,
        )
    if answer.status in (424, 503):
        said = (
            "A hub answers in its place (424): the server is stopped."
            if answer.status == 424
            else "Something answers in its place (503): the server is stopped or overloaded."
        )
        return Result(
            "failed",
            said,
            ("On a hub start the server on the hub's page (File → Hub Control Panel).",),
            figures,
        )
    if answer.status in (502, 504):
        return Result(
            "failed",
            f"A proxy answers in its place ({answer.status}): it cannot reach the server.",
            ("Start the server, or correct where the proxy leads (nginx.conf: proxy_pass).",),
            figures,
        )
    if answer.status == 403:
        return Result(
            "failed",
            "The server refuses every request to this host name (403).",
            (
                "In jupyter_server_config.py set c.ServerApp.allow_remote_access = True, "
                "or have the proxy pass the name on "
                "(nginx.conf: proxy_set_header Host $http_host;).",
            ),
            figures,
        )
    if answer.status == 400:
        return Result(
            "failed",
            "The request is not understood (400).",
            ("If the port is encrypted, begin the address with https://.", RIGHT_ADDRESS),
            figures,
        )
    return Result(
        "failed",
        f"No Jupyter server answers at this address (status {answer.status}).",
        (RIGHT_ADDRESS,),
        figures,
    )
