"""JSON objects of the wire, read strictly (F6).

Both ends agree on what they accept, which is what `JSON.parse` of a browser
accepts: the last of repeated members counts, 1.0 and 1e2 are integers, escaped
lone surrogates pass, `NaN` does not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn, TypeAlias

from .errors import broken
from .limits import MAX_INTEGER

Shape: TypeAlias = Mapping[str, Callable[[object], bool]]
"""Members of one kind of JSON object, each with the test it has to pass."""


ABSENT: Final = object()
"""Stands for a member that is not there, when its test is asked."""


def _reject(name: str) -> NoReturn:
    """Refuse the constants that only Python's parser knows."""
    raise ValueError(name)


parse_json = json.JSONDecoder(parse_constant=_reject).decode
"""Parses JSON as `JSON.parse` does; raises `ValueError` or `RecursionError`."""


def read_members(text: str, shapes: Mapping[str, Shape]) -> tuple[str, dict[str, Any]]:
    """Read a JSON object whose member `type` tells its shape.

    Args:
        text: What came over the wire.
        shapes: The known types.

    Returns:
        Its type, and the members of its shape, numbers as `int` and absent ones as `None`; all
        others are ignored.

    Raises:
        ProtocolError: It is malformed, nested too deeply, of unknown type, or a member is missing
            or wrong.
    """
    try:
        members = parse_json(text)
    except (ValueError, RecursionError):
        members = None
    if not isinstance(members, dict):
        broken("F6", "no JSON object")
    kind = members.get("type")
    if not isinstance(kind, str) or kind not in shapes:
        broken("F6", "unknown type")
    read: dict[str, Any] = {}
    for name, fits in shapes[kind].items():
        value = members.get(name, ABSENT)
        if not fits(value):
            broken("F6", f"bad {name}")
        if value is ABSENT:
            read[name] = None
        else:
            read[name] = int(value) if type(value) is float else value
    return kind, read


def is_text(value: object) -> bool:
    """Tell whether a value is a string."""
    return isinstance(value, str)


def is_flag(value: object) -> bool:
    """Tell whether a value is a boolean."""
    return isinstance(value, bool)


def is_object(value: object) -> bool:
    """Tell whether a value is an object."""
    return isinstance(value, dict)


def is_count(value: object) -> bool:
    """Tell whether a value is an integer that the wire can carry."""
    return (
        type(value) is int or (type(value) is float and value.is_integer())
    ) and 0 <= value <= MAX_INTEGER
