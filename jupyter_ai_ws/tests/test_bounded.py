"""Settings of which one wrong value never loses the others."""

from __future__ import annotations

import math
from typing import Any

import pytest
from traitlets.config import Application, Config

from jupyter_ai_ws.bounded import BoundedFloat, BoundedInt


class App(Application):
    """Has one setting of each kind."""

    count = BoundedInt(5, least=1, most=10, config=True, help="How many.")
    time_s = BoundedFloat(5.0, least=0.5, most=10.0, config=True, help="How long.")


WRONG_INTEGERS: list[Any] = [1.5, "7", "many", None, [], {}, True, False]
WRONG_NUMBERS: list[Any] = ["7", None, [], {}]


@pytest.mark.parametrize(
    ("value", "used"),
    [
        *[(1, 1), (7, 7), (10, 10), (0, 1), (-(10**20), 1), (11, 10), (10**20, 10)],
        *[(value, 5) for value in WRONG_INTEGERS],
    ],
)
def test_integer_is_within_bounds(value: Any, used: int, capsys: Any) -> None:
    app = App(count=value)
    assert app.count == used
    assert type(app.count) is int
    assert (f"App.count is {used}, not {value!r}." in capsys.readouterr().err) == (value != used)


@pytest.mark.parametrize(
    ("value", "used"),
    [
        *[(0.5, 0.5), (7, 7.0), (0, 0.5), (math.inf, 10.0), (-math.inf, 0.5), (math.nan, 0.5)],
        *[(value, 5.0) for value in WRONG_NUMBERS],
    ],
)
def test_number_is_within_bounds(value: Any, used: float, capsys: Any) -> None:
    app = App(time_s=value)
    assert app.time_s == used
    assert type(app.time_s) is float
    assert (f"App.time_s is {used}, not {value!r}." in capsys.readouterr().err) == (value != used)


@pytest.mark.parametrize("argument", ["7", "0x", "", "1e400", "nan"])
def test_command_line_never_fails(argument: str) -> None:
    app = App()
    app.initialize([f"--App.count={argument}", f"--App.time_s={argument}"])
    assert app.count == (7 if argument == "7" else 5)
    assert 0.5 <= app.time_s <= 10


def test_one_wrong_value_leaves_the_others() -> None:
    app = App(config=Config({"App": {"count": "many", "time_s": 7.0}}))
    assert (app.count, app.time_s) == (5, 7.0)


def test_wrong_value_is_told_once_however_often_it_is_applied(capsys: Any) -> None:
    app = App(config=Config({"App": {"count": "50 %s"}}))
    app.update_config(Config({"App": {"count": "50 %s"}}))
    assert capsys.readouterr().err.count("App.count is 5, not '50 %s'.") == 1
