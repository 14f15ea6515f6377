"""Fixtures for tests against real components."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .processes import Program, jupyter_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Run = Callable[[Program], Program]


@pytest.fixture(scope="package")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """Return a Jupyter server that all tests share and none ends."""
    server = jupyter_server(tmp_path_factory.mktemp("server"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def run() -> Iterator[Run]:
    """Return a function that starts a program; all of them are ended in the end."""
    started: list[Program] = []

    def run(program: Program) -> Program:
        program.start()
        started.append(program)
        return program

    yield run
    for program in started:
        program.stop()
