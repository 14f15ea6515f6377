import { ProtocolError } from './errors';
import { MAX_INTEGER } from './limits';

/** What a page asks for when it opens a socket (H1). */
export interface IResumeRequest {
  readonly sid: string;
  /** Absent: a new session is asked for. */
  readonly epoch?: string;
  readonly received: number;
  readonly serial: number;
}

/** Every value of every parameter. */
export type Query = Readonly<Record<string, readonly string[]>>;

/**
 * Read the query of an upgrade request; unknown parameters are ignored.
 *
 * @throws ProtocolError if a parameter is missing, repeated or malformed (H1).
 */
export function parseRequest(query: Query): IResumeRequest {
  const epoch = query.epoch?.length
    ? parameter(query, 'epoch', /^[0-9a-f]{16}$/)
    : undefined;
  const received = number(query, 'received');
  if (!epoch && received) {
    throw new ProtocolError('H1', 'received without epoch');
  }
  const serial = number(query, 'serial');
  if (!serial) {
    throw new ProtocolError('H1', 'serial is zero');
  }
  const sid = parameter(query, 'sid', /^[0-9a-f]{32}$/);
  return { sid, epoch, received, serial };
}

/** Write the query of an upgrade request, without its question mark. */
export function formatRequest(request: IResumeRequest): string {
  const { sid, epoch, received, serial } = request;
  const epochPart = epoch ? `&epoch=${epoch}` : '';
  return `sid=${sid}${epochPart}&received=${received}&serial=${serial}`;
}

function parameter(query: Query, name: string, form: RegExp): string {
  const values = query[name] ?? [];
  if (values.length !== 1 || !form.test(values[0])) {
    throw new ProtocolError(
      'H1',
      `parameter ${name} is missing, repeated or malformed`
    );
  }
  return values[0];
}

function number(query: Query, name: string): number {
  const number = +parameter(query, name, /^(0|[1-9][0-9]{0,15})$/);
  if (number > MAX_INTEGER) {
    throw new ProtocolError('H1', `parameter ${name} is too large`);
  }
  return number;
}
