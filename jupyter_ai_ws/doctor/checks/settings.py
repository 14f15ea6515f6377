"""What the server's own settings mean for connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..report import Result
from .base import Check

if TYPE_CHECKING:
    from .base import Patient

__all__ = ["SettingsCheck"]

MIB = 1024 * 1024


class SettingsCheck(Check):
    """Limits and shutdown."""

    name = "settings"

    async def run(self, patient: Patient) -> Result:
        """Judge what the server has told."""
        facts = patient.facts
        if not facts:
            return Result("skipped", "The server does not tell its settings.")
        ttl_s = facts["session_ttl_s"]
        budget_mib = facts["memory_budget_bytes"] / MIB
        idle_s = facts["shutdown_no_activity_timeout_s"]
        said = (
            f"Pages that are away are kept for {_time(ttl_s)}, all together in at most "
            f"{budget_mib:,.0f} MiB."
        )
        advice = []
        if 0 < idle_s < ttl_s:
            said += f" The server stops by itself after {_time(idle_s)} without activity."
            advice.append(
                "An open page that only waits is no activity. In jupyter_server_config.py: "
                f"c.ServerApp.shutdown_no_activity_timeout = {round(ttl_s)}, or 0 for never."
            )
        if ttl_s < 3600:
            advice.append(
                "A closed lid loses its answers after that. In jupyter_server_config.py: "
                "c.AiWsApp.session_ttl_s = 43200"
            )
        if facts["memory_budget_bytes"] < 32 * MIB:
            advice.append(
                "That is little. In jupyter_server_config.py: "
                "c.AiWsApp.memory_budget_bytes = 268435456"
            )
        memory_limit_bytes = facts.get("memory_limit_bytes", 0)
        if 0 < memory_limit_bytes < 2 * facts["memory_budget_bytes"]:
            advice.append(
                "That is more than half of the memory which the server may use. In "
                "jupyter_server_config.py: c.AiWsApp.memory_budget_bytes = "
                f"{memory_limit_bytes // 4}"
            )
        if facts.get("guards") is False:
            said += " The sockets of other extensions are not guarded: a cut ends them."
            advice.append(
                "In jupyter_server_config.py: c.AiWsApp.guard_enabled = True. If it is, the "
                "server's log says why not: Nothing is guarded."
            )
        if facts.get("hub"):
            said += " A hub may stop idle servers; its culler is not visible from here."
        figures = {name: value for name, value in facts.items() if name not in _OF_ORIGIN}
        return Result("advice" if advice else "ok", said, tuple(advice), figures)


_OF_ORIGIN = ("host", "origin_allowed")


def _time(seconds: float) -> str:
    if seconds >= 3600:
        return f"{seconds / 3600:g} h"
    return f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds:g} s"
