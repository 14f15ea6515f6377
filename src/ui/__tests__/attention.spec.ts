import { isOccupied, isTyping } from '../attention';

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
    expect(isOccupied()).toBe(true);
  });

  it.each([
    '<div class="here" tabindex="0">a notebook in command mode</div>',
    '<div contenteditable="false" class="here" tabindex="0"></div>',
    '<button class="here"></button>',
    '<input type="checkbox" class="here">'
  ])('is false on %s', html => {
    focus(html);
    expect(isTyping()).toBe(false);
    expect(isOccupied()).toBe(false);
  });

  it('looks into shadow trees', () => {
    document.body.innerHTML = '<div></div>';
    const root = document.querySelector('div')!.attachShadow({ mode: 'open' });
    root.innerHTML = '<textarea></textarea>';
    root.querySelector('textarea')!.focus();
    expect(isTyping()).toBe(true);
  });
});

describe('isOccupied()', () => {
  it('is true while another dialog stands', () => {
    document.body.innerHTML = '<dialog class="jp-Dialog"></dialog>';
    expect(isOccupied()).toBe(true);
    document.body.innerHTML = '';
    expect(isOccupied()).toBe(false);
  });
});
