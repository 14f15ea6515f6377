"""Whether the server lets us in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..report import STOPPED_ANSWERING, Result
from .base import Check

if TYPE_CHECKING:
    from .base import Patient

__all__ = ["AuthenticationCheck"]


class AuthenticationCheck(Check):
    """The token, sent in a header."""

    name = "authentication"
    fatal = True

    async def run(self, patient: Patient) -> Result:
        """Ask for what only the user may see."""
        has_token = patient.target.token is not None
        try:
            answer = await patient.line.fetch("api/status")
        except OSError:
            return STOPPED_ANSWERING
        if answer.status == 200 and not answer.redirected:
            said = "The token is accepted." if has_token else "The server wants no authentication."
            return Result("ok", said, figures={"token": has_token})
        figures = {"token": has_token, "status": answer.status}
        met = "a login page" if answer.redirected else answer.status
        if has_token:
            return Result(
                "failed",
                f"The token is refused ({met}).",
                (
                    "Take the current one: jupyter server list prints it where the server runs; "
                    "on a hub make one with Hub Control Panel → Token.",
                    "If it is the right one, look whether a proxy strips the Authorization header.",
                ),
                figures,
            )
        return Result(
            "failed",
            f"The server wants authentication ({met}) and no token was given.",
            (
                "Append ?token=… to the address. jupyter server list prints it where the server "
                "runs; on a hub make one with Hub Control Panel → Token.",
            ),
            figures,
        )
