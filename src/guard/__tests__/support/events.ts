/** Note the events of a socket as they come; resolves with them at its close. */
export function story(socket: WebSocket): {
  events: unknown[];
  over: Promise<void>;
} {
  const events: unknown[] = [];
  const over = new Promise<void>(resolve => {
    socket.addEventListener('open', () => events.push('open'));
    socket.addEventListener('message', ({ data }) => events.push(data));
    socket.addEventListener('error', () => events.push('error'));
    socket.addEventListener('close', ({ code, reason, wasClean }) => {
      events.push([code, reason, wasClean]);
      resolve();
    });
  });
  return { events, over };
}

/** Resolves with the next event of that type. */
export function next(socket: WebSocket, type: string): Promise<Event> {
  return new Promise(resolve =>
    socket.addEventListener(type, resolve, { once: true })
  );
}

/** Resolves when what was posted or rejected has been looked at. */
export function nextTask(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve));
}
