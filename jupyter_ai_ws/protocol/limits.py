"""Numbers of the protocol, each with the rule of docs/protocol.md that sets it.

Sizes are in bytes, times in milliseconds, both as the suffix of a name says.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB

SUBPROTOCOL: Final = "v1.jupyter-ai-ws"
"""V1: the version, as a WebSocket subprotocol."""

# Counting and frames
UNIT_LIMIT_BYTES: Final = 16 * KIB
"""C1, F2: payload of a unit, and of a data frame, but for fragments on a fast line."""
MESSAGE_LIMIT_BYTES: Final = 256 * KIB
"""M: an inbound WebSocket message; a larger one closes with 1009. F2: cost of a frame's units."""
RECORD_LIMIT_BYTES: Final = 16 * MIB
"""M: payload of a record."""
RECORD_LIMIT_UNITS: Final = 65_536
"""F7: units of a record."""
UNIT_OVERHEAD_BYTES: Final = 16
"""C7: what a unit costs beyond its payload."""
MAX_INTEGER: Final = 2**53 - 1
"""Preamble: the largest number on the wire."""
MAX_CHANNEL: Final = 2_147_483_647
"""F: the largest channel number."""

# Window, queue, credit
LOG_LIMIT_BYTES: Final = 128 * KIB
"""W2: cost of the units in flight, a direction."""
FAST_LOG_LIMIT_BYTES: Final = 512 * KIB
"""W2: the same on a fast line."""
FAST_BYTES_PER_MS: Final = 512
"""W2: cost that a fast line acknowledges in a millisecond, 4 Mbit/s."""
FAST_FOR_MS: Final = 10_000
"""W2: a line counts as fast for so long after its log was full."""
CREDIT_BYTES: Final = MIB
"""W4: cost of a channel's records not known to be taken, a direction."""
CREDIT_QUANTUM_BYTES: Final = 256 * KIB
"""W5: cost of the taken records after which credit is due."""
QUEUE_LIMIT_BYTES: Final = 8 * MIB
"""W1, M: cost of a channel's units not yet counted."""
CONTROL_QUEUE_LIMIT_BYTES: Final = MIB
"""M: cost of the units of channel 0 not yet written."""

# Acknowledgement
ACK_UNITS: Final = 32
"""A2: units after which an acknowledgement is due."""
ACK_BYTES: Final = 16 * KIB
"""A2: cost after which an acknowledgement is due."""
BULK_BYTES: Final = 4 * KIB
"""A2: an acknowledgement that is owed goes before units of this cost or more; L3: a frame of it
restarts the deadline."""
ACK_DELAY_MS: Final = 200
"""A2: the longest time a counted unit stays without acknowledgement."""

# Channels
CLOSE_STALL_MS: Final = 60_000
"""X6: how long a graceful close may wait for credit on one socket."""
REMEMBERED_CHANNELS: Final = 256
"""Z3: channels closed by the other end that an end remembers."""
SERVICE_LIMIT_CHARACTERS: Final = 128
"""Z4: code points of a service's name."""
REASON_LIMIT_BYTES: Final = 123
"""Z4: a reason, in UTF-8, as in a WebSocket close frame."""
MIN_CODE: Final = 1000
"""Z4: the smallest close code."""
MAX_CODE: Final = 4999
"""Z4: the largest close code."""

# Alive or dead
HEARTBEAT_INTERVAL_MS: Final = 5_000
"""L2: time without proof after which a shown page pings."""
HIDDEN_HEARTBEAT_INTERVAL_MS: Final = 25_000
"""L2: the same for a hidden page."""
ANSWER_TIMEOUT_MS: Final = 3_000
"""L3: the deadline."""
PROOF_LIMIT_MS: Final = 20_000
"""L3: the deadline is never later than this after proof or arming."""
PROOF_BYTES: Final = 8 * KIB
"""L3: cost of the units received that restarts the deadline."""
SLOWEST_BYTES_PER_MS: Final = 8
"""L3: 64 kbit/s, on which a frame of 16 KiB takes 2 s."""
LATE_TIMER_MS: Final = 1_000
"""L4: lateness of a timer beyond which it is no verdict."""
IDLE_SILENCE_MIN_MS: Final = 1_000
"""L7: the shortest silence that can name an idle proxy."""
HEARTBEAT_FLOOR_MS: Final = 2_000
"""L7: an idle proxy never makes the page ping more often than this."""
SLEEP_AFTER_MS: Final = 600_000
"""L8: a page hidden and idle for this long sleeps."""

# Sockets of the page
CONNECT_TIMEOUT_MS: Final = 10_000
"""S2: from opening a socket to its welcome."""
CONNECT_TIMEOUT_LIMIT_MS: Final = 120_000
"""S2: the same after repeated doubling."""
PROBE_TIMEOUT_MS: Final = 5_000
"""S2, R4: how long a probe may take."""

# Coming back
FIRST_SPREAD_MS: Final = 300
"""R2: the first retry on another host comes within this time."""
RESTART_SPREAD_MS: Final = 3_000
"""R2: the first retry after a restart comes within this time."""
BASE_DELAY_MS: Final = 1_000
"""R2: upper bound of the second retry's delay, which doubles; a setting."""
DELAY_CAP_MS: Final = 8_000
"""R2: the largest upper bound; a setting."""
SLOW_AFTER_MS: Final = 120_000
"""R2: time since the cut after which retries are slow."""
SLOW_DELAY_MS: Final = 30_000
"""R2: upper bound of the slow delay."""
LOOK_AGAIN_MS: Final = 30_000
"""R4: how often a permanent cause is looked at again."""
BELIEVE_AFTER_MS: Final = 2_000
"""R5: two probes must be so far apart to be believed."""
REPLACE_AFTER_MS: Final = 3_000
"""R7: a try older than this is replaced when the network or the machine comes back."""
ATTEMPTS_BACK_MS: Final = 5_000
"""R8: a socket must have lived so long before a proof gives attempts back."""
MAX_ATTEMPTS: Final = 5
"""R9: attempts before the user is asked; a setting."""
ASK_AFTER_MS: Final = 30_000
"""R9: the user is asked no earlier than this after the cut."""
BLOCKED_AFTER: Final = 3
"""R10: sockets that fail although the probe answered, before they count as blocked."""

# Server
SERVER_SILENCE_MS: Final = 45_000
"""L6: silence after which the server parks a session."""
SESSION_TTL_MS: Final = 12 * 3_600_000
"""P1: life of a parked session."""
UNHEARD_TTL_MS: Final = 30_000
"""P1: the same when the page was never heard."""
BYE_TTL_MS: Final = 10_000
"""H10, P1: the same after a bye."""


class CloseCode(IntEnum):
    """Codes with which a socket or a channel is closed (R1, Z4)."""

    NORMAL = 1000
    """R1: by the server, or by the page after its bye."""
    GOING_AWAY = 1001
    """P3: the server is shutting down."""
    NO_STATUS = 1005
    """R1: the close carried no code."""
    ABNORMAL = 1006
    """R1: the socket ended without a close."""
    TOO_BIG = 1009
    """M: a message over 256 KiB."""
    INTERNAL_ERROR = 1011
    """R1, Z: a request, or a service after `accept`, failed inside the server."""
    RESTART = 1012
    """R1: the server restarts."""
    TRY_LATER = 1013
    """R1: the server is overloaded."""
    PROTOCOL_ERROR = 4400
    """B1, H4: a rule was broken; the reason names it."""
    FORBIDDEN = 4403
    """Z: this user may not use the service."""
    UNKNOWN = 4404
    """H4: no such session; Z: no such service."""
    VERSION = 4406
    """V1, V2: no common version."""
    SILENT = 4408
    """L6, P4, R1: the other end neither wrote nor read."""
    STALE = 4409
    """H4: an old request, or the session is in use."""
    ENDED = 4410
    """P2: the server ended the session."""
    TOO_MANY = 4429
    """H4, Z: too many sessions or channels."""
    FAILED = 4500
    """Z: the service failed while opening."""
