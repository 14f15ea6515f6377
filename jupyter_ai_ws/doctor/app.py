"""The command `jupyter ai-ws doctor`."""

from __future__ import annotations

import asyncio
import logging
import re
import sys
import time
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, Any, Final, NoReturn

from jupyter_core.application import JupyterApp
from traitlets import Bool, Integer, TraitError
from traitlets.config.loader import KVArgParseConfigLoader

from .._version import __version__
from .checks import CHECKS, Options
from .examination import examine
from .interruption import INTERRUPTED, SignalError, signals_cancel
from .output import look_away_from, make_printable
from .progress import Progress, width_of
from .report import (
    NOT_LOOKED_AT,
    NOT_REACHED,
    WIDTH_CHARACTERS,
    Report,
    Result,
    as_json,
    as_text,
    summary,
)
from .target import AddressError, parse_target
from .throwaway import ThrowawayError, throwaway_server

if TYPE_CHECKING:
    from .target import Target

__all__ = ["DoctorApp"]

FAILED: Final = 1
WRONG_USAGE: Final = 2

_ALIASES: dict[Any, Any] = {
    "records": "DoctorApp.records",
    "cuts": "DoctorApp.cuts",
    "idle-timeout-probe": "DoctorApp.idle_timeout_probe_s",
    "seed": "DoctorApp.seed",
    "config": "JupyterApp.config_file",
}
_OPTIONS: Final = {trait.rpartition(".")[2]: alias for alias, trait in _ALIASES.items()}
"""What a person calls the options that argparse knows by their traits."""
_NUMBERS: Final = {trait: option for trait, option in _OPTIONS.items() if option != "config"}
_FLAGS: dict[Any, Any] = {
    "json": ({"DoctorApp": {"json_output": True}}, "Print one JSON object in place of text."),
}


class _UsageError(Exception):
    """The command line cannot be read; the text says why."""


class _Parser(KVArgParseConfigLoader.parser_class):  # type: ignore[misc, valid-type]
    """Raises where argparse would print and exit."""

    def error(self, message: str) -> NoReturn:
        bare = re.match("argument (--?[^:]+): expected one argument", message)
        if bare:
            option = _OPTIONS.get(bare[1].rpartition(".")[2])
            message = f"--{option} wants a value" if option else f"There is no option {bare[1]}"
        raise _UsageError(f"{message.rstrip('.')}.")


class _StrictLoader(KVArgParseConfigLoader):
    """Takes a mistyped option for an error, not for a warning."""

    parser_class = _Parser

    def _handle_unrecognized_alias(self, arg: str) -> None:
        raise _UsageError(f"There is no option --{arg}.")


class DoctorApp(JupyterApp):
    """Examines one deployment and says what to change.

    Exit status: 0 all is well or could be better, 1 something failed, 2 wrong usage,
    130 interrupted, 143 terminated; an interruption leaves nothing behind either.
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

    _reads_command_line = False
    _started = False
    _target_under_way: Target | None = None
    _begun_s = 0.0

    def _create_loader(
        self, argv: list[str] | None, aliases: Any, flags: Any, classes: Any
    ) -> KVArgParseConfigLoader:
        return _StrictLoader(argv, aliases, flags, classes=classes, log=self.log)

    def initialize(self, argv: list[str] | None = None) -> None:
        """Read command line and configuration."""
        self._found: dict[str, Result] = {}
        make_printable(sys.stdout)  # before the help
        self._wants_json = "--json" in (sys.argv if argv is None else argv)
        try:
            super().initialize(argv)
        except _UsageError as error:
            self._refuse(str(error))

    def parse_command_line(self, argv: list[str] | None = None) -> None:
        """Read the command line."""
        self._reads_command_line = True
        super().parse_command_line(argv)
        self._reads_command_line = False

    def update_config(self, config: Any) -> None:
        """Take in a configuration; in the command line a bad number is wrong usage."""
        try:
            super().update_config(config)
        except TraitError as error:
            bad = re.search(r"'(\w+)' trait of a DoctorApp", str(error))
            if bad is None or bad[1] not in _NUMBERS or not self._reads_command_line:
                raise
            trait: Any = self.traits()[bad[1]]
            bounds = "" if trait.min is None else f" from {trait.min:,} to {trait.max:,}"
            raise _UsageError(f"--{_NUMBERS[bad[1]]} wants a whole number{bounds}.") from error

    def exit(self, exit_status: int | str | None = 0) -> NoReturn:
        """Exit; what ends with 1 before the examination is wrong usage."""
        if exit_status == FAILED and not self._started:
            if self._wants_json:
                self._print_broken_off("The command line or the configuration cannot be used.")
            exit_status = WRONG_USAGE
        sys.exit(exit_status)

    def start(self) -> None:
        """Examine, print, and exit with a status."""
        super().start()
        # What tornado's client says of broken sockets is what the doctor is for.
        logging.getLogger("tornado").addHandler(logging.NullHandler())
        progress = Progress(sys.stderr)
        try:
            target = self._target()
            self._started = True
            report = asyncio.run(self._examine(target, progress))
            print(as_json(report) if self._as_json else f"\n{summary(report)}", flush=True)
        except (SignalError, KeyboardInterrupt) as interruption:
            progress.clear()
            self._end_early("Interrupted.", getattr(interruption, "exit_status", INTERRUPTED))
        except ThrowawayError as error:
            progress.clear()
            self._end_early(str(error), FAILED)
        except BrokenPipeError:
            progress.clear()
            look_away_from(sys.stdout)
            self.exit(FAILED)
        self.exit(FAILED if report.failed else 0)

    @property
    def _as_json(self) -> bool:
        return self._wants_json or self.json_output

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
        self._end_early(said, WRONG_USAGE, " See jupyter ai-ws doctor --help")

    def _end_early(self, said: str, exit_status: int, hint: str = "") -> NoReturn:
        print(f"{said}{hint}", file=sys.stderr)
        if self._as_json:
            self._print_broken_off(said)
        self.exit(exit_status)

    def _print_broken_off(self, said: str) -> None:
        """Print a report that says why it came to no end, with what was found before."""
        target = self._target_under_way
        rest = {kind.name: NOT_REACHED for kind in CHECKS} if self._started else {}
        duration_s = time.monotonic() - self._begun_s if self._started else 0.0
        shown = None if target is None else target.shown
        with suppress(BrokenPipeError):
            print(as_json(Report(shown, duration_s, {**rest, **self._found}, said)), flush=True)

    async def _examine(self, target: Target | None, progress: Progress) -> Report:
        self._begun_s = time.monotonic()
        silence_s = self.idle_timeout_probe_s
        async with AsyncExitStack() as stack:
            stack.enter_context(signals_cancel())
            if silence_s is None:
                silence_s = 30 if target is not None else 0
            if target is None:
                progress.show(0.0, "starting a throw-away server")
                target = await stack.enter_async_context(throwaway_server())
            self._target_under_way = target
            options = Options(self.records, self.cuts, silence_s, self.seed)
            report = await examine(
                target, options, found=self._printer(progress), progressed=progress.show
            )
        progress.clear()
        return report

    def _printer(self, progress: Progress) -> Any:
        def found(name: str, result: Result) -> None:
            progress.clear()
            self._found[name] = result
            if not self._as_json and result is not NOT_LOOKED_AT:
                width = width_of(sys.stdout) or WIDTH_CHARACTERS
                print(as_text(name, result, width), flush=True)

        return found
