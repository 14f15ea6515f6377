"""`jupyter ai-ws doctor`, as it is called."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from .command import doctor, ended, start

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.timeout(120)
"""A doctor and its server take a while to start on a machine that does much else."""

NAMES = [
    "address",
    "server",
    "authentication",
    "extension",
    "upgrade",
    "origin",
    "round-trip",
    "streaming",
    "silence",
    "settings",
]


def left_in(folder: Path) -> list[str]:
    """Return what the throw-away server has left."""
    return [path.name for path in folder.glob("jupyter-ai-ws-doctor-*")]


async def test_without_an_address_a_server_is_examined_that_is_gone_afterwards(
    tmp_path: Path,
) -> None:
    ours, theirs = pty.openpty()
    # Seed 22 tears, closes and resets: no fault that takes seconds to be found.
    run = await doctor(tmp_path, "--json", "--records=400", "--cuts=3", "--seed=22", errors=theirs)
    os.close(theirs)
    assert run.status == 0
    assert [check["name"] for check in run.report["checks"]] == NAMES
    assert {name: check["verdict"] for name, check in run.checks.items()} == {
        **dict.fromkeys(NAMES, "ok"),
        "silence": "skipped",
    }
    figures = run.checks["streaming"]["figures"]
    assert (figures["expected"], figures["arrived"], figures["cuts"]) == (800, 800, 3)
    assert (figures["lost"], figures["doubled"], figures["reordered"]) == (0, 0, 0)
    assert figures["sessions_lost"] == 0
    assert_bar(ours)
    assert left_in(tmp_path) == []
    port = int(run.report["address"].rsplit(":", 1)[1].rstrip("/"))
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


def assert_bar(terminal: int) -> None:
    """Look whether a terminal got a bar that is gone in the end."""
    drawn = b""
    # After the last byte Linux says EIO, others that it is the end.
    with suppress(OSError):
        while part := os.read(terminal, 65_536):
            drawn += part
    os.close(terminal)
    assert b"] starting a throw-away server" in drawn
    assert b"of 3 cuts" in drawn
    assert drawn.endswith(b"\r\x1b[K")


async def test_interrupted_it_leaves_no_server_behind(tmp_path: Path) -> None:
    process = await start(tmp_path, "--cuts=100")
    assert process.stdout is not None
    address = (await process.stdout.readline()).decode()
    port = int(address.split("127.0.0.1:")[1].split("/")[0])
    process.send_signal(signal.SIGINT)
    run = await ended(process)
    assert (run.status, run.errors) == (130, "Interrupted.\n")
    assert left_in(tmp_path) == []
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_nothing_there_fails_with_status_1_and_skips_the_rest(
    tmp_path: Path, unused_port: int
) -> None:
    address = f"http://127.0.0.1:{unused_port}/user/jekyll/lab?token=sesame"
    run = await doctor(tmp_path, "--json", address)
    assert run.status == 1
    assert run.report["failed"] is True
    assert run.report["address"] == f"http://127.0.0.1:{unused_port}/user/…/"
    verdicts = [check["verdict"] for check in run.report["checks"]]
    assert verdicts == ["failed", *["skipped"] * 9]
    assert run.errors == ""
    for said in (run.output, run.errors):
        assert "sesame" not in said
        assert "jekyll" not in said


async def test_address_may_come_from_standard_input(tmp_path: Path, unused_port: int) -> None:
    process = await start(tmp_path, "--json", "-")
    run = await ended(process, f"http://127.0.0.1:{unused_port}/base/lab?token=sesame\n")
    assert run.status == 1
    assert run.report["address"] == f"http://127.0.0.1:{unused_port}/base/"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--jsn"],
        ["--no-such-option=1"],
        ["--records=many"],
        ["--records=0"],
        ["--cuts=-1"],
        ["--idle-timeout-probe=3601"],
        ["ftp://h/?token=sesame"],
        ["http://h/?token=sesame", "http://i/?token=sesame"],
        ["http://person:sesame@h/"],
    ],
)
async def test_wrong_usage_ends_with_status_2_and_repeats_no_secret(
    arguments: list[str], tmp_path: Path
) -> None:
    run = await doctor(tmp_path, *arguments)
    assert run.status == 2
    assert run.output == ""
    assert run.errors
    assert "sesame" not in run.errors


async def test_server_that_does_not_start_is_told_and_its_token_is_not(tmp_path: Path) -> None:
    broken = tmp_path / "jupyter_server"
    broken.mkdir()
    (broken / "__init__.py").touch()
    (broken / "__main__.py").write_text(
        "import os, sys; sys.exit('no disk left ' + os.environ['JUPYTER_TOKEN'])"
    )
    run = await doctor(tmp_path, PYTHONPATH=str(tmp_path))
    assert run.status == 1
    assert "The throw-away server does not start. It says: no disk left …" in run.errors
