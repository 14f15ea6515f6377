"""The command `jupyter ai-ws doctor`."""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Final, NoReturn

from jupyter_core.application import JupyterApp
from traitlets import Bool, Integer
from traitlets.config.loader import KVArgParseConfigLoader

from .._version import __version__
from .checks import Options
from .examination import examine
from .progress import Progress
from .report import NOT_LOOKED_AT, Report, Result, as_json, as_text, summary
from .target import AddressError, parse_target
from .throwaway import ThrowawayError, throwaway_server

if TYPE_CHECKING:
    from .target import Target

__all__ = ["DoctorApp"]

FAILED: Final = 1
WRONG_USAGE: Final = 2
INTERRUPTED: Final = 130

_ALIASES: dict[Any, Any] = {
    "records": "DoctorApp.records",
    "cuts": "DoctorApp.cuts",
    "idle-timeout-probe": "DoctorApp.idle_timeout_probe_s",
    "seed": "DoctorApp.seed",
    "config": "JupyterApp.config_file",
}
_FLAGS: dict[Any, Any] = {
    "json": ({"DoctorApp": {"json_output": True}}, "Print one JSON object in place of text."),
}


class _StrictLoader(KVArgParseConfigLoader):
    """Takes a mistyped option for an error, not for a warning."""

    def _handle_unrecognized_alias(self, arg: str) -> None:
        self.parser.error(f"There is no option --{arg}.")


class DoctorApp(JupyterApp):
    """Examines one deployment and says what to change.

    Exit status: 0 all is well or could be better, 1 something failed, 2 wrong usage,
    130 interrupted.
    """

    name = "jupyter-ai-ws-doctor"
    version = __version__
    description = """
    Tell whether AI connections survive at an address.

    Without an address a throw-away server is started on this machine and examined. Give the
    address as the browser shows it; append ?token=… where the server wants one. The token is
    sent in a header and is neither shown nor logged. Where others may read the command line, give
    - in place of the address and write the address to standard input.

    Exit status: 0 fine, 1 something failed, 2 wrong usage.
    """
    examples = (
        "jupyter ai-ws doctor\n"
        'jupyter ai-ws doctor "https://hub.example/user/me/?token=…"\n'
        'jupyter ai-ws doctor --idle-timeout-probe 90 --json "http://localhost:8888/?token=…"'
    )

    records = Integer(
        2_000, min=1, max=100_000, help="Records to stream each way, from 1 to 100,000."
    ).tag(config=True)
    cuts = Integer(
        10, min=0, max=1_000, help="How often to break the line meanwhile, from 0 to 1,000."
    ).tag(config=True)
    idle_timeout_probe_s = Integer(
        None,
        allow_none=True,
        min=0,
        max=3_600,
        help="""
        How many seconds to be silent, to find proxies that cut idle connections; 0: not at all.
        30 unless given; with the throw-away server, which has no proxy before it, 0.
        """,
    ).tag(config=True)
    seed = Integer(1, help="Decides how and where the line is broken.").tag(config=True)
    json_output = Bool(False, help="Print one JSON object in place of text.").tag(config=True)

    aliases = _ALIASES
    flags = _FLAGS

    _started = False

    def _create_loader(
        self, argv: list[str] | None, aliases: Any, flags: Any, classes: Any
    ) -> KVArgParseConfigLoader:
        return _StrictLoader(argv, aliases, flags, classes=classes, log=self.log)

    def exit(self, exit_status: int | str | None = 0) -> NoReturn:
        """Exit; what ends with 1 before the examination is wrong usage."""
        sys.exit(WRONG_USAGE if exit_status == 1 and not self._started else exit_status)

    def start(self) -> None:
        """Examine, print, and exit with a status."""
        super().start()
        target = self._target()
        self._started = True
        # What tornado's client says of broken sockets is what the doctor is for.
        logging.getLogger("tornado").addHandler(logging.NullHandler())
        progress = Progress(sys.stderr)
        try:
            report = asyncio.run(self._examine(target, progress))
        except KeyboardInterrupt:
            progress.clear()
            print("Interrupted.", file=sys.stderr)
            self.exit(INTERRUPTED)
        except ThrowawayError as error:
            progress.clear()
            print(error, file=sys.stderr)
            self.exit(FAILED)
        print(as_json(report) if self.json_output else f"\n{summary(report)}")
        self.exit(FAILED if report.failed else 0)

    def _target(self) -> Target | None:
        """Return what the command line names; `None`: a throw-away server."""
        wrong = [word for word in self.extra_args if word.startswith("-") and word != "-"]
        if wrong or len(self.extra_args) > 1:
            said = "There is no such option." if wrong else "Give one address, or none."
            self._refuse(said)
        if not self.extra_args:
            return None
        word = self.extra_args[0]
        try:
            return parse_target(sys.stdin.readline().strip() if word == "-" else word)
        except AddressError as error:
            self._refuse(str(error))

    def _refuse(self, said: str) -> NoReturn:
        print(f"{said} See jupyter ai-ws doctor --help", file=sys.stderr)
        self.exit(WRONG_USAGE)

    async def _examine(self, target: Target | None, progress: Progress) -> Report:
        silence_s = self.idle_timeout_probe_s
        async with AsyncExitStack() as stack:
            if silence_s is None:
                silence_s = 30 if target is not None else 0
            if target is None:
                progress.show(0.0, "starting a throw-away server")
                target = await stack.enter_async_context(throwaway_server())
            options = Options(self.records, self.cuts, silence_s, self.seed)
            report = await examine(
                target, options, found=self._printer(progress), progressed=progress.show
            )
        progress.clear()
        return report

    def _printer(self, progress: Progress) -> Any:
        def found(name: str, result: Result) -> None:
            progress.clear()
            if not self.json_output and result is not NOT_LOOKED_AT:
                print(as_text(name, result), flush=True)

        return found
