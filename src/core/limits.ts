/*
 * Numbers of the protocol, each with the rule of docs/protocol.md that sets it.
 *
 * Sizes are in bytes, times in milliseconds, both as the suffix of a name says.
 */

const KIB = 1024;
const MIB = 1024 * KIB;
/** V1: the version, as a WebSocket subprotocol. */
export const SUBPROTOCOL = 'v1.jupyter-ai-ws';

// Counting and frames
/** C1, F2: payload of a unit, and of a data frame, but for fragments on a fast line. */
export const UNIT_LIMIT_BYTES = 16 * KIB;
/** M: an inbound WebSocket message; a larger one closes with 1009. F2: cost of a frame's units. */
export const MESSAGE_LIMIT_BYTES = 256 * KIB;
/** M: payload of a record. */
export const RECORD_LIMIT_BYTES = 16 * MIB;
/** F7: units of a record. */
export const RECORD_LIMIT_UNITS = 65_536;
/** C7: what a unit costs beyond its payload. */
export const UNIT_OVERHEAD_BYTES = 16;
/** Preamble: the largest number on the wire. */
export const MAX_INTEGER = 2 ** 53 - 1;
/** F: the largest channel number. */
export const MAX_CHANNEL = 2_147_483_647;

// Window, queue, credit
/** W2: cost of the units in flight, a direction. */
export const LOG_LIMIT_BYTES = 128 * KIB;
/** W2: the same on a fast line. */
export const FAST_LOG_LIMIT_BYTES = 512 * KIB;
/** W2: cost that a fast line acknowledges in a millisecond, 4 Mbit/s. */
export const FAST_BYTES_PER_MS = 512;
/** W2: a line counts as fast for so long after its log was full. */
export const FAST_FOR_MS = 10_000;
/** W4: cost of a channel's records not known to be taken, a direction. */
export const CREDIT_BYTES = MIB;
/** W5: cost of the taken records after which credit is due. */
export const CREDIT_QUANTUM_BYTES = 256 * KIB;
/** W1, M: cost of a channel's units not yet counted. */
export const QUEUE_LIMIT_BYTES = 8 * MIB;
/** M: cost of the units of channel 0 not yet written. */
export const CONTROL_QUEUE_LIMIT_BYTES = MIB;

// Acknowledgement
/** A2: units after which an acknowledgement is due. */
export const ACK_UNITS = 32;
/** A2: cost after which an acknowledgement is due. */
export const ACK_BYTES = 16 * KIB;
/**
 * A2: an acknowledgement that is owed goes before units of this cost or more; L3:
 * a frame of it restarts the deadline.
 */
export const BULK_BYTES = 4 * KIB;
/** A2: the longest time a counted unit stays without acknowledgement. */
export const ACK_DELAY_MS = 200;

// Channels
/** X6: how long a graceful close may wait for credit on one socket. */
export const CLOSE_STALL_MS = 60_000;
/** Z3: channels closed by the other end that an end remembers. */
export const REMEMBERED_CHANNELS = 256;
/** Z4: code points of a service's name. */
export const SERVICE_LIMIT_CHARACTERS = 128;
/** Z4: a reason, in UTF-8, as in a WebSocket close frame. */
export const REASON_LIMIT_BYTES = 123;
/** Z4: the smallest close code. */
export const MIN_CODE = 1000;
/** Z4: the largest close code. */
export const MAX_CODE = 4999;

// Alive or dead
/** L2: time without proof after which a shown page pings. */
export const HEARTBEAT_INTERVAL_MS = 5_000;
/** L2: the same for a hidden page. */
export const HIDDEN_HEARTBEAT_INTERVAL_MS = 25_000;
/** L3: the deadline. */
export const ANSWER_TIMEOUT_MS = 3_000;
/** L3: the deadline is never later than this after proof or arming. */
export const PROOF_LIMIT_MS = 20_000;
/** L3: cost of the units received that restarts the deadline. */
export const PROOF_BYTES = 8 * KIB;
/** L3: 64 kbit/s, on which a frame of 16 KiB takes 2 s. */
export const SLOWEST_BYTES_PER_MS = 8;
/** L4: lateness of a timer beyond which it is no verdict. */
export const LATE_TIMER_MS = 1_000;
/** L7: the shortest silence that can name an idle proxy. */
export const IDLE_SILENCE_MIN_MS = 1_000;
/** L7: an idle proxy never makes the page ping more often than this. */
export const HEARTBEAT_FLOOR_MS = 2_000;
/** L8: a page hidden and idle for this long sleeps. */
export const SLEEP_AFTER_MS = 600_000;

// Sockets of the page
/** S2: from opening a socket to its welcome. */
export const CONNECT_TIMEOUT_MS = 10_000;
/** S2: the same after repeated doubling. */
export const CONNECT_TIMEOUT_LIMIT_MS = 120_000;
/** S2, R4: how long a probe may take. */
export const PROBE_TIMEOUT_MS = 5_000;

// Coming back
/** R2: the first retry on another host comes within this time. */
export const FIRST_SPREAD_MS = 300;
/** R2: the first retry after a restart comes within this time. */
export const RESTART_SPREAD_MS = 3_000;
/** R2: upper bound of the second retry's delay, which doubles; a setting. */
export const BASE_DELAY_MS = 1_000;
/** R2: the largest upper bound; a setting. */
export const DELAY_CAP_MS = 8_000;
/** R2: time since the cut after which retries are slow. */
export const SLOW_AFTER_MS = 120_000;
/** R2: upper bound of the slow delay. */
export const SLOW_DELAY_MS = 30_000;
/** R4: how often a permanent cause is looked at again. */
export const LOOK_AGAIN_MS = 30_000;
/** R5: two probes must be so far apart to be believed. */
export const BELIEVE_AFTER_MS = 2_000;
/** R7: a try older than this is replaced when the network or the machine comes back. */
export const REPLACE_AFTER_MS = 3_000;
/** R8: a socket must have lived so long before a proof gives attempts back. */
export const ATTEMPTS_BACK_MS = 5_000;
/** R9: attempts before the user is asked; a setting. */
export const MAX_ATTEMPTS = 5;
/** R9: the user is asked no earlier than this after the cut. */
export const ASK_AFTER_MS = 30_000;
/** R10: sockets that fail although the probe answered, before they count as blocked. */
export const BLOCKED_AFTER = 3;

// Server
/** L6: silence after which the server parks a session. */
export const SERVER_SILENCE_MS = 45_000;
/** P1: life of a parked session. */
export const SESSION_TTL_MS = 12 * 3_600_000;
/** P1: the same when the page was never heard. */
export const UNHEARD_TTL_MS = 30_000;
/** H10, P1: the same after a bye. */
export const BYE_TTL_MS = 10_000;

/** Codes with which a socket or a channel is closed (R1, Z4). */
export const enum CloseCode {
  /** R1: by the server, or by the page after its bye. */
  NORMAL = 1000,
  /** P3: the server is shutting down. */
  GOING_AWAY = 1001,
  /** R1: the close carried no code. */
  NO_STATUS = 1005,
  /** R1: the socket ended without a close. */
  ABNORMAL = 1006,
  /** M: a message over 256 KiB. */
  TOO_BIG = 1009,
  /** R1, Z: a request, or a service after `accept`, failed inside the server. */
  INTERNAL_ERROR = 1011,
  /** R1: the server restarts. */
  RESTART = 1012,
  /** R1: the server is overloaded. */
  TRY_LATER = 1013,
  /** B1, H4: a rule was broken; the reason names it. */
  PROTOCOL_ERROR = 4400,
  /** Z: this user may not use the service. */
  FORBIDDEN = 4403,
  /** H4: no such session; Z: no such service. */
  UNKNOWN = 4404,
  /** V1, V2: no common version. */
  VERSION = 4406,
  /** L6, P4, R1: the other end neither wrote nor read. */
  SILENT = 4408,
  /** H4: an old request, or the session is in use. */
  STALE = 4409,
  /** P2: the server ended the session. */
  ENDED = 4410,
  /** H4, Z: too many sessions or channels. */
  TOO_MANY = 4429,
  /** Z: the service failed while opening. */
  FAILED = 4500
}
