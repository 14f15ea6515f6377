import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { AiConnectionModel, AiConnectionStatus } from '../status';

describe('AiConnectionStatus', () => {
  const answers: boolean[] = [];
  let model: AiConnectionModel;
  let item: AiConnectionStatus;

  const button = () => item.node.querySelector('[role="button"]')!;

  const press = async (event: Event) => {
    button().dispatchEvent(event);
    await Promise.resolve();
    await item.renderPromise;
  };

  beforeEach(async () => {
    answers.length = 0;
    model = new AiConnectionModel(async () => answers.shift() ?? false);
    item = new AiConnectionStatus(model, nullTranslator.load('jupyter_ai_ws'));
    Widget.attach(item, document.body);
    item.update();
    await item.renderPromise;
  });

  afterEach(() => item.dispose());

  it('says that it is checking until the server answers', async () => {
    expect(button().textContent).toBe('AI connection: checking');
  });

  it.each([
    [true, 'AI connection: connected'],
    [false, 'AI connection: not available']
  ])('says what the probe found: %s', async (answer, text) => {
    answers.push(answer);
    await model.check();
    await item.renderPromise;
    expect(button().textContent).toBe(text);
  });

  it.each([
    ['a click', new MouseEvent('click', { bubbles: true })],
    ['Enter', new KeyboardEvent('keydown', { key: 'Enter', bubbles: true })],
    ['Space', new KeyboardEvent('keydown', { key: ' ', bubbles: true })]
  ])('asks again on %s', async (_, event) => {
    answers.push(true);
    await press(event);
    expect(model.state).toBe('connected');
  });

  it('disposes of its model once', () => {
    item.dispose();
    item.dispose();
    expect(model.isDisposed).toBe(true);
  });

  it('emits nothing when the answer comes after disposal', async () => {
    const checked = model.check();
    item.dispose();
    await checked;
    expect(model.state).toBe('checking');
  });
});
