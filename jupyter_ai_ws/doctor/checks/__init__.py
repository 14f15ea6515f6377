"""The questions that the doctor asks, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .address import AddressCheck
from .authentication import AuthenticationCheck
from .base import Check, Options, Patient
from .extension import ExtensionCheck
from .origin import OriginCheck
from .round_trip import RoundTripCheck
from .server import ServerCheck
from .settings import SettingsCheck
from .silence import SilenceCheck
from .streaming import StreamingCheck
from .upgrade import UpgradeCheck

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CHECKS", "Check", "Options", "Patient"]

CHECKS: Final[Sequence[type[Check]]] = (
    AddressCheck,
    ServerCheck,
    AuthenticationCheck,
    ExtensionCheck,
    UpgradeCheck,
    OriginCheck,
    RoundTripCheck,
    StreamingCheck,
    SilenceCheck,
    SettingsCheck,
)
