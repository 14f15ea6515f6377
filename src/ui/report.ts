import type { IConnectionDiagnostics, IConnectionEvent } from '../tokens';
import { closeCodeMeaning } from './close-codes';
import { isDisproved, knownDefault } from './proxies';

/** What a report tells besides the connection. */
export interface IReportSurroundings {
  /** What the browser calls itself. */
  readonly browser: string;
  /** The application and its version. */
  readonly application: string;
  /** Version of the server's half, as the server says. */
  readonly serverVersion: string;
}

/**
 * Write a report for an issue, in Markdown and in English.
 *
 * @param known - What is known of the connection.
 * @param around - What else counts.
 *
 * #### Notes
 * No address is in it: on a hub the user's name is part of it. Nor is a token, a
 * cookie or the name of a document.
 */
export function reportOf(
  known: IConnectionDiagnostics,
  around: IReportSurroundings
): string {
  return [
    '### AI connection',
    '',
    ...table(['what', 'value'], factRows(known, around)),
    '',
    '### In use',
    '',
    ...table(
      ['channel', 'state', 'idle'],
      known.channels.map(({ name, state, idleMs }) => [
        name,
        state,
        seconds(idleMs)
      ])
    ),
    '',
    `### Last ${known.events.length} events`,
    '',
    ...table(['time', 'event', 'detail'], known.events.map(eventRow)),
    ''
  ].join('\n');
}

function factRows(
  known: IConnectionDiagnostics,
  around: IReportSurroundings
): string[][] {
  const { status } = known;
  const trips = known.roundTrips.flatMap(({ ms }) => (ms === null ? [] : [ms]));
  return [
    ['state', [status.state, status.cause].filter(Boolean).join(', ')],
    ['attempts', `${status.attempt}`],
    ['attempts before a person is asked', attemptsText(status.maxAttempts)],
    ['protocol', known.protocol],
    ['server', around.serverVersion],
    ['application', around.application],
    ['browser', around.browser],
    ['up since', known.connectedSince ? when(known.connectedSince) : 'not up'],
    ['interruptions survived', `${known.resumes}`],
    ['sessions lost', `${known.discontinuities}`],
    ['records lost', `${known.recordsLost}`],
    ['units in flight', `${known.unitsInFlight}`],
    ['units sent, received', `${known.unitsSent}, ${known.unitsReceived}`],
    ['longest interruption', seconds(known.longestCutMs)],
    ['heartbeat', seconds(known.heartbeatIntervalMs)],
    ['idle proxy', proxyText(known)],
    [
      'round trip, last 5 minutes',
      trips.length
        ? `${Math.min(...trips).toFixed(1)} to ${Math.max(...trips).toFixed(1)} ms (${trips.length} heartbeats)`
        : 'none'
    ]
  ];
}

function attemptsText(maxAttempts: number): string {
  return maxAttempts ? `${maxAttempts}` : 'any number';
}

function proxyText(known: IConnectionDiagnostics): string {
  const { silenceLimitMs } = known;
  if (silenceLimitMs === null) {
    return 'none found';
  }
  if (isDisproved(known)) {
    return `none: longer silences than ${seconds(silenceLimitMs)} were survived`;
  }
  const name = knownDefault(silenceLimitMs);
  const text = `seems to close after ${seconds(silenceLimitMs)} of silence`;
  return name ? `${text} (a default of: ${name})` : text;
}

function eventRow({ time, kind, detail }: IConnectionEvent): string[] {
  const code = /^code (\d+)$/.exec(detail);
  const meaning = code ? closeCodeMeaning(Number(code[1])) : '';
  return [when(time), kind, meaning ? `${detail}: ${meaning}` : detail];
}

function table(head: string[], rows: string[][]): string[] {
  const line = (cells: string[]) =>
    `| ${cells.map(cell => cell.replace(/\s+/g, ' ').replace(/\|/g, '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

function when(time: number): string {
  return new Date(time).toISOString();
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
