/*
 * The page's part of the pure core. The server's part, `acceptor`, is only for
 * tests and is not exported here.
 */
export {
  Channel,
  type IChannelListener,
  type IFinal,
  type Message
} from './channel';
export { Connector } from './connector';
export type { IConnectorDriver } from './driver';
export {
  AiWsError,
  ChannelClosedError,
  ProtocolError,
  QueueFullError,
  RecordTooLargeError,
  SessionEndedError
} from './errors';
export { type IResumeRequest, formatRequest } from './handshake';
export { CloseCode, SUBPROTOCOL } from './limits';
export { Queue } from './queue';
export {
  type CloseCause,
  type ICloseVerdict,
  type ProbeAction,
  type ProbeAnswer,
  classifyClose,
  classifyProbe,
  decide
} from './retry';
export { Session } from './session';
export { IdleProxyDetector } from './silence';
export {
  ConnectorOptions,
  type IStatus,
  type Question,
  type State
} from './status';
export { fitText, utf8Length, wellFormed } from './text';
