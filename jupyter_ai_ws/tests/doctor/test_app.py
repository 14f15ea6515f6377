"""`jupyter ai-ws doctor`, as it is called."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import sys
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
    """Return what the throw-away server has left, or jupyter_core for it."""
    return [path.name for path in folder.glob("jupyter-*")]


async def test_without_an_address_a_server_is_examined_that_is_gone_afterwards(
    tmp_path: Path,
) -> None:
    ours, theirs = pty.openpty()
    # Seed 22 tears, closes and resets: no fault that takes seconds to be found.
    process = await start(
        *(tmp_path, "--json", "--records=400", "--cuts=3", "--seed=22"),
        errors=theirs,
        # As in a terminal of a hub's user; the server under examination is no hub's.
        JUPYTERHUB_API_URL="http://hub.example/hub/api",
        MEM_LIMIT="1048576",
    )
    run = await ended(process)
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
    settings = run.checks["settings"]["figures"]
    assert (settings["hub"], settings["memory_limit_bytes"]) == (False, 0)
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


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
async def test_interrupted_it_leaves_no_server_behind(
    number: signal.Signals, status: int, tmp_path: Path
) -> None:
    process = await start(tmp_path, "--cuts=100")
    assert process.stdout is not None
    address = (await process.stdout.readline()).decode()
    port = int(address.split("127.0.0.1:")[1].split("/")[0])
    process.send_signal(number)
    run = await ended(process)
    assert (run.status, run.errors) == (status, "Interrupted.\n")
    assert left_in(tmp_path) == []
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_interrupted_it_reports_what_it_had_found_and_that_it_is_not_all(
    tmp_path: Path,
) -> None:
    silent = await asyncio.start_server(_say_nothing, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    ours, theirs = pty.openpty()
    process = await start(tmp_path, "--json", f"http://127.0.0.1:{port}/", errors=theirs)
    os.close(theirs)
    drawn = b""
    while b"server" not in drawn:
        drawn += await asyncio.to_thread(os.read, ours, 65_536)
    process.send_signal(signal.SIGINT)
    run = await ended(process)
    os.close(ours)
    silent.close()
    assert (run.status, run.report["error"], run.report["failed"]) == (130, "Interrupted.", True)
    assert run.report["address"] == f"http://127.0.0.1:{port}/"
    assert {name: check["verdict"] for name, check in run.checks.items()} == {
        **dict.fromkeys(NAMES, "skipped"),
        "address": "ok",
    }


async def _say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


async def test_encoding_without_arrows_costs_no_word(tmp_path: Path, unused_port: int) -> None:
    address = f"http://127.0.0.1:{unused_port}/user/jekyll/"
    run = await doctor(tmp_path, address, PYTHONIOENCODING="ascii")
    assert run.status == 1
    assert "-> Start what is to listen there" in run.output
    shown = await doctor(tmp_path, "--help", PYTHONIOENCODING="ascii")
    assert (shown.status, "?token=..." in shown.output) == (0, True)


async def test_reader_that_leaves_ends_it_without_a_trace(tmp_path: Path, unused_port: int) -> None:
    ours, theirs = os.pipe()
    process = await start(tmp_path, f"http://127.0.0.1:{unused_port}/", output=theirs)
    os.close(theirs)
    os.close(ours)
    run = await ended(process)
    assert (run.status, run.errors) == (1, "")


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
        ["http://h/?token=sesame%0A"],
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
    assert "Traceback" not in run.errors


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("--cuts", "--cuts wants a value."),
        ("--config", "--config wants a value."),
        ("--jsn", "There is no option --jsn."),
        ("--records=many", "--records wants a whole number from 1 to 100,000."),
        ("--cuts=1001", "--cuts wants a whole number from 0 to 1,000."),
        ("--idle-timeout-probe=-1", "--idle-timeout-probe wants a whole number from 0 to 3,600."),
        ("--seed=x", "--seed wants a whole number."),
    ],
)
async def test_what_is_wrong_with_an_option_is_told_in_its_own_words(
    argument: str, said: str, tmp_path: Path
) -> None:
    run = await doctor(tmp_path, argument)
    assert run.status == 2
    assert run.errors.startswith(said)


async def test_command_that_there_is_not_is_told() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from jupyter_ai_ws.cli import main; main(['doc'])"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    run = await ended(process)
    assert run.status == 2
    assert run.errors.startswith("There is no command doc.")
    assert "doctor" in run.output


@pytest.mark.parametrize("arguments", [["--no-such-option"], ["--records=many"]])
async def test_wrong_usage_is_json_too_where_json_is_wanted(
    arguments: list[str], tmp_path: Path
) -> None:
    run = await doctor(tmp_path, *arguments, "--json")
    assert run.status == 2
    assert run.report["failed"] is True
    assert run.report["error"]
    assert run.report["checks"] == []


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


async def test_no_place_for_temporary_files_is_told_in_text_and_json(tmp_path: Path) -> None:
    program = (
        "import tempfile; tempfile.tempdir = '/nonexistent'; "
        "from jupyter_ai_ws.cli import main; main(['doctor', '--json'])"
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program),
        env={**os.environ, **dict.fromkeys(("HOME", "JUPYTER_CONFIG_DIR"), str(tmp_path))},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    run = await ended(process)
    assert run.status == 1
    assert run.report["error"] == (
        "No temporary folder can be made: No such file or directory. Set TMPDIR."
    )
    assert run.report["address"] is None
