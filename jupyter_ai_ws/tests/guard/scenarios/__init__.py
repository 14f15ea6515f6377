"""What a handler and a browser may do to each other, each to be played over TCP and in memory."""

from . import closing, messages, requests, running
from .script import SCENARIOS, Scenario, World, described

__all__ = [
    "SCENARIOS",
    "Scenario",
    "World",
    "closing",
    "described",
    "messages",
    "requests",
    "running",
]
