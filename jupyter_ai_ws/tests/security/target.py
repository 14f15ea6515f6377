"""The server under attack, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tornado.testing import bind_unused_port

if TYPE_CHECKING:
    from .bystander import Bystander

TOKEN = "f1d0f1d0f1d0f1d0f1d0f1d0f1d0f1d0"  # noqa: S105
SECOND_TOKEN = "beadbeadbeadbeadbeadbeadbeadbead"  # noqa: S105
COOKIE_SECRET = "c0ffeec0ffeec0ffeec0ffeec0ffee00"  # noqa: S105
"""What signs the cookies; no test prints it, and no log may."""
START_LIMIT_S = 30


class Target:
    """One `jupyter server`."""

    bystander: Bystander

    def __init__(self, directory: Path, *arguments: str) -> None:
        listener, self.port = bind_unused_port()
        listener.close()
        self._log_path = directory / "server.log"
        names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "HOME")
        with self._log_path.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603
                [
                    *(sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser"),
                    "--ServerApp.jpserver_extensions={'jupyter_ai_ws': True}",
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
        return process_resident_bytes(self._process.pid)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def wait_until_it_listens(self) -> None:
        deadline_s = time.monotonic() + START_LIMIT_S
        while "is running at" not in self.log:
            assert self.alive, self.log
            assert time.monotonic() < deadline_s, self.log
            time.sleep(0.02)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


def process_resident_bytes(pid: int) -> int:
    """Return what a process occupies."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
