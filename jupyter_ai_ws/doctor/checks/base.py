"""What a check is, and what it is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..line import Line
    from ..report import Result
    from ..target import Target

__all__ = ["INSTALL", "UPDATE", "Check", "Options", "Patient"]

INSTALL: Final = "Where the server runs, in a checkout of jupyter_ai_ws: pip install ."
UPDATE: Final = "Where the server runs, in a newer checkout of jupyter_ai_ws: pip install ."
"""While it is on no index, a name alone installs nothing."""


@dataclass(frozen=True)
class Options:
    """What was asked for.

    Attributes:
        records: Records to stream each way.
        cuts: How often to break the line meanwhile.
        idle_timeout_probe_s: How long to be silent; 0: not at all.
        seed: Decides how and where the line is broken.
    """

    records: int = 2_000
    cuts: int = 10
    idle_timeout_probe_s: int = 30
    seed: int = 1


@dataclass
class Patient:
    """What is examined, and what earlier checks have learned of it.

    Attributes:
        target: The address.
        line: The straight way to it.
        options: What was asked for.
        progressed: Called with the share done of the check under way, and what is going on.
        current: The name of the check under way.
        proxy_name: What answers there, as its `Server` header says; "" if unknown.
        facts: What the server tells of itself; empty before the check that asks. One for all.
    """

    target: Target
    line: Line
    options: Options
    progressed: Callable[[float, str], None]
    current: str = ""
    proxy_name: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


class Check:
    """One question about a deployment.

    Attributes:
        name: A stable name.
        fatal: Whether the checks behind it make no sense when it fails.
        beside: Whether it runs beside the checks before it; only the fatal ones come first.
    """

    name: ClassVar[str]
    fatal: ClassVar[bool] = False
    beside: ClassVar[bool] = False

    async def run(self, patient: Patient) -> Result:
        """Find the answer.

        Args:
            patient: What is examined.
        """
        raise NotImplementedError
