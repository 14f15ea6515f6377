import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import type { IConnectionStatus } from '../../tokens';
import { StatusModel } from '../model';
import { AiConnectionStatus } from '../status';
import { stopClock } from './clock';
import { FakeConnection } from './fake-connection';

const { flushSync } = jest.requireActual<{ flushSync(run: () => void): void }>(
  'react-dom'
);
const trans = nullTranslator.load('jupyter_ai_ws');

describe('AiConnectionStatus', () => {
  let connection: FakeConnection;
  let model: StatusModel;
  let item: AiConnectionStatus;
  let open: jest.Mock<void, []>;

  const button = () => item.node.querySelector('[role="button"]')!;

  /** Render at once what would be rendered some time later. */
  const render = () =>
    flushSync(() => item.processMessage(Widget.Msg.UpdateRequest));

  const show = async (changes: Partial<IConnectionStatus>) => {
    connection.go(changes);
    render();
  };

  beforeEach(async () => {
    connection = new FakeConnection();
    model = new StatusModel({ connection, trans });
    open = jest.fn();
    item = new AiConnectionStatus({ model, trans, open });
    Widget.attach(item, document.body);
    render();
  });

  afterEach(() => {
    item.dispose();
    jest.restoreAllMocks();
  });

  it('is a button that the keyboard reaches, named by what and state', () => {
    expect(button().getAttribute('tabindex')).toBe('0');
    expect(button().getAttribute('aria-label')).toBe(
      'AI connection: connected'
    );
    expect(button().textContent).toBe('AI connection: connected');
    expect(button().getAttribute('title')).toMatch(/^AI assistants can/);
  });

  it('shows attempt and countdown, and names only the attempt', async () => {
    const nextTryMs = stopClock() + 60_000;
    await show({ state: 'reconnecting', attempt: 1, nextTryMs });
    expect(button().textContent).toBe('AI connection: reconnecting2/560 s');
    expect(button().getAttribute('aria-label')).toBe(
      'AI connection: reconnecting, attempt 2 of 5'
    );
  });

  it('keeps the place of the countdown while a try is under way', async () => {
    await show({ state: 'reconnecting', attempt: 2, trying: true });
    const countdown = '.jp-AiConnectionStatus-countdown';
    expect(item.node.querySelector(countdown)!.textContent).toBe('');
  });

  it('has a shape of its own for each kind', async () => {
    const shapes = new Set<string>();
    const kinds: Partial<IConnectionStatus>[] = [
      {},
      { state: 'connecting' },
      { state: 'reconnecting' },
      { state: 'reconnecting', cause: 'busy' },
      { state: 'sleeping' },
      { state: 'reconnecting', question: 'attempts' },
      { state: 'reconnecting', cause: 'login', question: 'permanent' },
      { state: 'stopped', cause: 'missing' }
    ];
    for (const kind of kinds) {
      await show(kind);
      shapes.add(item.node.querySelector('svg')!.innerHTML);
    }
    expect(shapes.size).toBe(kinds.length);
  });

  it.each([
    ['a click', new MouseEvent('click', { bubbles: true })],
    ['Enter', new KeyboardEvent('keydown', { key: 'Enter', bubbles: true })],
    ['Space', new KeyboardEvent('keydown', { key: ' ', bubbles: true })]
  ])('opens on %s', (_, event) => {
    button().dispatchEvent(event);
    expect(open).toHaveBeenCalledTimes(1);
  });

  it('takes a double click for a click', () => {
    for (const detail of [1, 2]) {
      button().dispatchEvent(
        new MouseEvent('click', { bubbles: true, detail })
      );
    }
    expect(open).toHaveBeenCalledTimes(1);
  });

  it('leaves other keys alone', () => {
    const tab = new KeyboardEvent('keydown', { key: 'Tab', bubbles: true });
    button().dispatchEvent(tab);
    expect(open).not.toHaveBeenCalled();
  });

  it('speaks through a polite region that is empty while all is well', () => {
    expect(item.node.querySelector('[role="status"]')!.textContent).toBe('');
  });

  it('renders nothing while nothing changes', async () => {
    const render = jest.spyOn(item as never, 'render');
    connection.go({ cutMs: 5 });
    await new Promise(resolve => requestAnimationFrame(resolve));
    expect(render).not.toHaveBeenCalled();
  });

  it('disposes of its model once', () => {
    item.dispose();
    item.dispose();
    expect(model.isDisposed).toBe(true);
  });
});
