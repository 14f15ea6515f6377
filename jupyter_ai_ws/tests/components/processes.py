"""Programs that a test starts, waits for and ends."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ..ports import unused_port

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

START_TIMEOUT_S: Final = 100.0
TOKEN: Final = "sesame-open"  # noqa: S105
EXTENSIONS: Final = MappingProxyType({"jupyter_ai_ws": True})


def program(name: str) -> str:
    """Return where a program is; Debian keeps servers where an ordinary PATH does not look."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    assert found is not None, f"{name} is not installed; scripts/test says how to install it"
    return found


class Program:
    """One process that listens on a port; its log is kept for the case that it fails."""

    def __init__(
        self,
        command: Sequence[str | Path],
        port: int,
        log: Path,
        environment: Mapping[str, str] | None = None,
        host: str = "127.0.0.1",
        says: str = "",
    ) -> None:
        """Start nothing yet; `says` is what stands in the log once it serves who connects."""
        self.host = host
        self.port = port
        self._command = [str(part) for part in command]
        self._log = log
        self._environment = {**os.environ, **(environment or {})}
        self._says = says
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it serves who connects."""
        with self._log.open("ab") as log:
            said_before = log.tell()
            self._process = subprocess.Popen(  # noqa: S603
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline_s = time.monotonic() + START_TIMEOUT_S
        while not self._serves(said_before):
            ended = self._process.poll() is not None
            if ended or time.monotonic() > deadline_s:
                self.stop(signal.SIGKILL)
                raise AssertionError(f"{self._command[0]} does not start:\n{self.log}")
            time.sleep(0.02)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it and wait; do nothing if it is not running."""
        if self._process is not None:
            if self._process.poll() is None:
                self._process.send_signal(number)
            self._process.wait(20)
            self._process = None

    @property
    def log(self) -> str:
        """What it has said."""
        return self._log.read_text(errors="replace")

    def _serves(self, said_before: int) -> bool:
        with self._log.open("rb") as log:
            log.seek(said_before)
            return self._says.encode() in log.read() and self._listens()

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((self.host, self.port)) == 0


def jupyter_server(
    folder: Path,
    *arguments: str,
    extensions: Mapping[str, bool] = EXTENSIONS,
    host: str = "127.0.0.1",
    before: Sequence[str] = (),
    **environment: str,
) -> Program:
    """Return a Jupyter server, not started.

    Args:
        folder: For all its files.
        arguments: More of them.
        extensions: Server extensions by name, and whether they are enabled.
        host: Where it listens.
        before: A command that runs it.
        environment: More variables.
    """
    port = unused_port()
    names = ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    command = [
        *(*before, sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser"),
        f"--ServerApp.jpserver_extensions={dict(extensions)}",
        *(f"--ServerApp.ip={host}", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
        f"--ServerApp.root_dir={folder}",
        *arguments,
    ]
    variables = {
        **dict.fromkeys(names, str(folder)),
        "JUPYTER_NO_CONFIG": "1",
        "JUPYTER_TOKEN": TOKEN,
        **environment,
    }
    # It listens long before: whoever connects then waits for all extensions to be loaded.
    return Program(command, port, folder / "server.log", variables, host, "is running at")
