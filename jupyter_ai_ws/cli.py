"""The command `jupyter ai-ws`."""

from __future__ import annotations

import sys
from typing import Any

from jupyter_core.application import JupyterApp

from ._version import __version__
from .doctor.app import DoctorApp

__all__ = ["AiWsCommand", "main"]

_SUBCOMMANDS: dict[str, Any] = {
    "doctor": (DoctorApp, "Tell whether AI connections survive at an address.")
}
_NO_OPTIONS: dict[Any, Any] = {}


class AiWsCommand(JupyterApp):
    """Holds the sub-commands."""

    name = "jupyter-ai-ws"
    version = __version__
    description = "Commands for the AI connections of a Jupyter server."
    subcommands = _SUBCOMMANDS
    aliases = _NO_OPTIONS
    flags = _NO_OPTIONS

    def start(self) -> None:
        """Start the sub-command; without one print the help and exit with 2."""
        super().start()
        if self.extra_args:
            print(f"There is no command {self.extra_args[0]}.", file=sys.stderr)
        self.print_help()
        sys.exit(2)


main = AiWsCommand.launch_instance
