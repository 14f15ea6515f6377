import { Attention, isTyping } from '../attention';
import { stopClock } from './clock';
import { FakeConnection } from './fake-connection';

describe('isTyping()', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });

  const focus = (html: string) => {
    document.body.innerHTML = html;
    const node = document.querySelector<HTMLElement>('.here')!;
    node.focus();
    expect(document.activeElement).toBe(node);
  };

  it.each([
    '<div contenteditable="true"><p class="here" tabindex="0">a cell</p></div>',
    '<div contenteditable class="here" tabindex="0"></div>',
    '<textarea class="here"></textarea>',
    '<input class="here">',
    '<input type="number" class="here">',
    '<div role="textbox" tabindex="0" class="here"></div>',
    '<iframe class="here" tabindex="0"></iframe>'
  ])('is true in %s', html => {
    focus(html);
    expect(isTyping()).toBe(true);
  });

  it.each([
    '<div class="here" tabindex="0">a list of files</div>',
    '<div contenteditable="false" class="here" tabindex="0"></div>',
    '<button class="here"></button>',
    '<input type="checkbox" class="here">'
  ])('is false on %s', html => {
    focus(html);
    expect(isTyping()).toBe(false);
  });

  it('looks into shadow trees', () => {
    document.body.innerHTML = '<div></div>';
    const root = document.querySelector('div')!.attachShadow({ mode: 'open' });
    root.innerHTML = '<textarea></textarea>';
    root.querySelector('textarea')!.focus();
    expect(isTyping()).toBe(true);
  });
});

describe('Attention', () => {
  const away = { state: 'reconnecting', cause: 'network' } as const;

  let connection: FakeConnection;
  let attention: Attention;

  const press = (of: EventTarget = document.body) =>
    of.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true }));

  beforeEach(() => {
    connection = new FakeConnection();
    attention = new Attention(connection);
  });

  afterEach(() => {
    attention.dispose();
    document.body.innerHTML = '';
    jest.restoreAllMocks();
  });

  it.each([
    ['somebody types', '<textarea class="here"></textarea>'],
    [
      'a notebook has the focus, where keys delete cells',
      '<div class="jp-Notebook"><div class="here" tabindex="0"></div></div>'
    ]
  ])('is occupied while %s', (_, html) => {
    document.body.innerHTML = html;
    expect(attention.isOccupied).toBe(false);
    document.querySelector<HTMLElement>('.here')!.focus();
    expect(attention.isOccupied).toBe(true);
  });

  it('is occupied while another dialog stands', () => {
    document.body.innerHTML = '<dialog class="jp-Dialog"></dialog>';
    expect(attention.isOccupied).toBe(true);
    document.body.innerHTML = '';
    expect(attention.isOccupied).toBe(false);
  });

  it('is occupied for 3 s after a key, also one that others keep to themselves', () => {
    const nowMs = stopClock();
    connection.go(away);
    document.body.innerHTML = '<div tabindex="0"></div>';
    const node = document.querySelector('div')!;
    node.addEventListener('keydown', event => event.stopPropagation());
    press(node);
    jest.spyOn(performance, 'now').mockReturnValue(nowMs + 2900);
    expect(attention.isOccupied).toBe(true);
    jest.spyOn(performance, 'now').mockReturnValue(nowMs + 3000);
    expect(attention.isOccupied).toBe(false);
  });

  it('listens to no key while all is well, or when disposed of', () => {
    press();
    expect(attention.isOccupied).toBe(false);
    connection.go(away);
    connection.go();
    press();
    expect(attention.isOccupied).toBe(false);
    connection.go(away);
    attention.dispose();
    attention.dispose();
    press();
    expect(attention.isOccupied).toBe(false);
    expect(attention.isDisposed).toBe(true);
  });
});
