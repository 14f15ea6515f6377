import type { Message } from '../../channel';
import type { ServerChannel } from '../../server-end';
import type { Application } from './applications';
import type { World } from './world';

/** Judge both directions and both final events of one channel, when all is over. */
export function checkChannel(
  world: World,
  page: Application,
  server: Application | undefined
): void {
  const where = `channel ${page.channel.number}`;
  if (!server) {
    if (page.received.length) {
      world.fail(`${where}: records without a server end`);
    }
    if (!page.final) {
      world.fail(`${where}: never reached the server`);
    }
    if (page.final?.kind === 'refused') {
      world.fail(`${where}: refused by nobody`);
    }
    return;
  }
  checkDirection(world, page, server);
  checkDirection(world, server, page);
  if (!page.final !== !server.final) {
    world.fail(`${where}: ended on one side only`);
  }
  checkEnding(world, page, server);
  checkEnding(world, server, page);
}

/** When all has been taken and acknowledged nobody holds memory (P2). */
export function checkMemory(world: World): void {
  const session = world.held?.session;
  if (session) {
    let held = session.memoryBytes;
    for (const channel of session.channels.values()) {
      held -= (channel as ServerChannel).parametersCost;
    }
    if (held) {
      world.fail(`a session holds ${held} bytes`);
    }
  }
  const { acceptor } = world.server;
  let total = 0;
  for (const { session } of acceptor.sessions.values()) {
    total += session.memoryBytes;
  }
  if (acceptor.memoryBytes !== total) {
    world.fail(
      `the acceptor counts ${acceptor.memoryBytes} bytes, not ${total}`
    );
  }
}

/** Who closes gets its own code back, the other end gets that (X7). */
function checkEnding(world: World, end: Application, other: Application): void {
  if (end.final?.kind === 'closed') {
    const how = end.closedByUs ?? other.closedByUs;
    const { code } = end.final;
    if (code !== (how === 'close' ? 3000 : 3001)) {
      world.fail(
        `${end.side} channel ${end.channel.number}: ended with ${code}`
      );
    }
  }
}

function checkDirection(
  world: World,
  sender: Application,
  receiver: Application
): void {
  const where = `${sender.side} channel ${sender.channel.number}`;
  const got = receiver.received;
  const { final, sent } = sender;
  got.forEach((record, index) => {
    if (index >= sent.length || !isSame(record, sent[index])) {
      world.fail(
        `${where}: record ${index} is ${record.slice(0, 20)}, not ${sent[index]?.slice(0, 20)}`
      );
    }
  });
  if (!final || mustBeWhole(sender, receiver)) {
    if (got.length !== sent.length) {
      world.fail(`${where}: ${got.length} of ${sent.length} records arrived`);
    }
  } else if (final.kind === 'discontinuity' && !receiver.closedByUs) {
    const least = final.acknowledged;
    const most = least + final.perhapsDelivered;
    if (got.length < least || got.length > most) {
      world.fail(`${where}: ${got.length} arrived, told ${least} to ${most}`);
    }
    const told = most + final.neverWritten;
    if (told !== sent.length) {
      world.fail(`${where}: told of ${told}, sent ${sent.length}`);
    }
  }
}

/** A graceful close delivers everything unless the other end closed too (X2, X3). */
function mustBeWhole(sender: Application, receiver: Application): boolean {
  return (
    sender.closedByUs === 'close' &&
    sender.final?.kind === 'closed' &&
    !receiver.closedByUs &&
    sender.channel.answer !== null
  );
}

function isSame(a: Message, b: Message): boolean {
  if (typeof a === 'string' || typeof b === 'string') {
    return a === b;
  }
  let same = a.length === b.length;
  for (let i = 0; same && i < a.length; i++) {
    same = a[i] === b[i];
  }
  return same;
}
