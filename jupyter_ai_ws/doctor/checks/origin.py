"""Whether browsers would be let in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..json_object import read_object
from ..report import STOPPED_ANSWERING, Result
from .base import UPDATE, Check

if TYPE_CHECKING:
    from .base import Patient

__all__ = ["OriginCheck"]


class OriginCheck(Check):
    """The server's own judgement about the `Host` that reaches it.

    A token passes every origin check; a browser, which has a cookie, does not.
    """

    name = "origin"

    async def run(self, patient: Patient) -> Result:
        """Ask the server how it sees us."""
        target = patient.target
        try:
            answer = await patient.line.fetch("jupyter-ai-ws/doctor/facts", origin=target.origin)
        except OSError:
            return STOPPED_ANSWERING
        if answer.status != 200:
            return Result(
                "skipped",
                f"The server does not tell how it sees requests (status {answer.status}).",
                (UPDATE,),
            )
        facts = read_object(answer.body)
        if facts is None or "session_ttl_s" not in facts:
            return Result(
                "skipped",
                "Another answer comes in place of what the server tells of itself.",
                (
                    "Have the proxy pass on every path below the server's base, "
                    "also …/jupyter-ai-ws/doctor/facts.",
                ),
            )
        patient.facts.update(facts)
        host = patient.facts.get("host")
        figures = {"host": host, "origin": target.origin}
        if patient.facts.get("origin_allowed"):
            return Result("ok", "Browsers that come from this address are let in.", (), figures)
        return Result(
            "failed",
            f"Browsers are refused: they come from {target.authority}, and the server is told "
            f"that it is {host}.",
            (
                "Have the proxy pass the name on. nginx.conf, location of the server: "
                "proxy_set_header Host $http_host; Apache: ProxyPreserveHost On",
                f'Or in jupyter_server_config.py: c.ServerApp.allow_origin = "{target.origin}"',
            ),
            figures,
        )
