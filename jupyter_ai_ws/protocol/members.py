"""JSON objects of the wire, read strictly (F6).

Both ends agree on what they accept, which is what `JSON.parse` of a browser
accepts: the last of repeated members counts, 1.0 and 1e2 are integers, escaped
lone surrogates pass, `NaN` does not.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from .errors import ProtocolError
from .limits import MAX_INTEGER


def _reject(name: str) -> NoReturn:
    """Refuse the constants that only Python's parser knows."""
    raise ValueError(name)


parse_json = json.JSONDecoder(parse_constant=_reject).decode
"""Parses JSON as `JSON.parse` does; raises `ValueError` or `RecursionError`."""


class Members:
    """The members of one JSON object, each asked for with its type (F6)."""

    __slots__ = ("_members",)

    def __init__(self, text: str) -> None:
        """Parse a text.

        Args:
            text: What came over the wire.

        Raises:
            ProtocolError: It is not a JSON object, or nested too deeply.
        """
        try:
            members = parse_json(text)
        except (ValueError, RecursionError):
            raise ProtocolError("F6", "malformed JSON") from None
        if not isinstance(members, dict):
            raise ProtocolError("F6", "not a JSON object")
        self._members: dict[str, Any] = members

    def has(self, name: str) -> bool:
        """Tell whether there is such a member."""
        return name in self._members

    def text(self, name: str) -> str:
        """Return a string member."""
        value = self._members.get(name)
        if isinstance(value, str):
            return value
        raise _wrong(name)

    def flag(self, name: str) -> bool:
        """Return a boolean member."""
        value = self._members.get(name)
        if isinstance(value, bool):
            return value
        raise _wrong(name)

    def integer(self, name: str, least: int = 0, most: int = MAX_INTEGER) -> int:
        """Return an integer member within its range."""
        value = _as_integer(self._members.get(name))
        if value is None or not least <= value <= most:
            raise _wrong(name)
        return value

    def object(self, name: str) -> dict[str, Any]:
        """Return an object member."""
        value = self._members.get(name)
        if isinstance(value, dict):
            return value
        raise _wrong(name)

    def integers(self, name: str) -> dict[str, int]:
        """Return an object member whose members are integers."""
        numbers = {}
        for key, value in self.object(name).items():
            number = _as_integer(value)
            if number is None or not 0 <= number <= MAX_INTEGER:
                raise _wrong(name)
            numbers[key] = number
        return numbers


def _as_integer(value: object) -> int | None:
    """Return an integral JSON number as an integer."""
    if type(value) is int:
        return value
    if type(value) is float and value.is_integer():
        return int(value)
    return None


def _wrong(name: str) -> ProtocolError:
    """Make the error for a missing or wrong member."""
    return ProtocolError("F6", f"member {name} is missing or wrong")
