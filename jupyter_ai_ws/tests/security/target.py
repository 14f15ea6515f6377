"""The server under attack, in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ..ports import unused_port

if TYPE_CHECKING:
    from .bystander import Bystander

TOKEN = "f1d0f1d0f1d0f1d0f1d0f1d0f1d0f1d0"  # noqa: S105
SECOND_TOKEN = "beadbeadbeadbeadbeadbeadbeadbead"  # noqa: S105
COOKIE_SECRET = "c0ffeec0ffeec0ffeec0ffeec0ffee00"  # noqa: S105
"""What signs the cookies; no test prints it, and no log may."""
START_LIMIT_S = 120


class Target:
    """One `jupyter server`."""

    bystander: Bystander

    def __init__(
        self, directory: Path, *arguments: str, extensions: tuple[str, ...] = ("jupyter_ai_ws",)
    ) -> None:
        self.port = unused_port()
        self._log_path = directory / "server.log"
        names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "HOME")
        with self._log_path.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603
                [
                    *(sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser"),
                    f"--ServerApp.jpserver_extensions={dict.fromkeys(extensions, True)}",
                    "--ServerApp.ip=127.0.0.1",
                    f"--ServerApp.port={self.port}",
                    "--ServerApp.port_retries=0",
                    f"--ServerApp.root_dir={directory}",
                    f"--ServerApp.cookie_secret={COOKIE_SECRET}",
                    f"--IdentityProvider.token={TOKEN}",
                    *arguments,
                ],
                env={
                    **os.environ,
                    **dict.fromkeys(names, str(directory)),
                    "JUPYTER_NO_CONFIG": "1",
                },
                stdout=subprocess.DEVNULL,
                stderr=log,
            )

    @property
    def log(self) -> str:
        """Everything it has logged."""
        return self._log_path.read_text("utf-8", "replace")

    @property
    def resident_bytes(self) -> int:
        """Its memory."""
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    @property
    def cpu_s(self) -> float:
        """The processor time it has used."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def wait_until_it_listens(self) -> None:
        deadline_s = time.monotonic() + START_LIMIT_S
        while not ("is running at" in self.log and self._accepts()):
            assert self.alive, self.log
            assert time.monotonic() < deadline_s, self.log
            time.sleep(0.02)

    def _accepts(self) -> bool:
        """Tell whether it listens; it says so a moment before it does."""
        try:
            socket.create_connection(("127.0.0.1", self.port)).close()
        except ConnectionRefusedError:
            return False
        return True

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
