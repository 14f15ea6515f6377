"""Whether our half of the server is there."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from ..._version import __version__
from ...protocol.limits import SUBPROTOCOL
from ...protocol.retry import classify_probe
from ..report import STOPPED_ANSWERING, Result
from .base import INSTALL, UPDATE, Check

if TYPE_CHECKING:
    from .base import Patient

__all__ = ["ExtensionCheck"]


class ExtensionCheck(Check):
    """The probe, as the page makes it (R4)."""

    name = "extension"
    fatal = True

    async def run(self, patient: Patient) -> Result:
        """Make the probe."""
        try:
            answer = await patient.line.fetch("jupyter-ai-ws/health")
        except OSError:
            return STOPPED_ANSWERING
        cause = classify_probe(answer.status, answer.body, answer.redirected, [SUBPROTOCOL])
        figures = {"status": answer.status, "cause": cause}
        if cause == "ok":
            return _judge_version(json.loads(answer.body))
        if cause == "missing":
            return Result(
                "failed",
                "The server half of jupyter_ai_ws is missing or disabled (404).",
                (
                    INSTALL,
                    "If it is installed: jupyter server extension enable jupyter_ai_ws",
                    "Then restart the server; jupyter server extension list says whether it loads.",
                ),
                figures,
            )
        if cause == "incompatible":
            return Result(
                "failed",
                "The server half speaks another version of the protocol.",
                (UPDATE, "Then restart the server."),
                figures,
            )
        return Result(
            "failed",
            f"Another answer comes in place of the probe's ({answer.status}).",
            (
                "Have the proxy pass on every path below the server's base, "
                "also …/jupyter-ai-ws/health.",
            ),
            figures,
        )


def _judge_version(health: dict[str, Any]) -> Result:
    version = health.get("version")
    figures = {"version": version, "protocols": health["protocols"]}
    said = f"jupyter_ai_ws {version} is there."
    if isinstance(version, str) and _numbers(version) < _numbers(__version__):
        return Result(
            "advice",
            f"{said} This doctor is of {__version__}.",
            (UPDATE, "Then restart the server."),
            figures,
        )
    return Result("ok", said, figures=figures)


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)[:3]]
