import { nullTranslator } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import React from 'react';

import type { IGuard, IGuardedExtension } from '../../tokens';
import { GuardSection } from '../guard-section';
import { rendered } from './rendered';

const trans = nullTranslator.load('jupyter_ai_ws');

/** A guard that remembers what it was asked for. */
class FakeGuard implements IGuard {
  extensions: IGuardedExtension[] = [
    {
      name: 'Chat',
      guarded: true,
      switchedOn: true,
      guardedNextTime: true,
      openSockets: 2
    },
    {
      name: 'Code',
      guarded: true,
      switchedOn: true,
      guardedNextTime: true,
      openSockets: 1
    }
  ];
  readonly changed: Signal<IGuard, void> = new Signal(this);
  readonly asked: [string | null, boolean][] = [];
  keeps = true;

  setGuarded(name: string | null, guarded: boolean): boolean {
    this.asked.push([name, guarded]);
    if (!this.keeps) {
      return false;
    }
    this.extensions = this.extensions.map(each =>
      name === null || name === each.name
        ? { ...each, guardedNextTime: guarded }
        : each
    );
    this.changed.emit();
    return true;
  }
}

describe('GuardSection', () => {
  let guard: FakeGuard;
  let widget: ReactWidget;

  const rows = () =>
    [...widget.node.querySelectorAll('li')].map(row => row.textContent);
  const hint = () => widget.node.querySelector('[role="status"]')!.textContent;
  const press = async (label: string) => {
    widget.node
      .querySelector<HTMLElement>(`button[aria-label="${label}"]`)!
      .click();
    await rendered();
  };
  const show = async () => {
    widget = ReactWidget.create(<GuardSection guard={guard} trans={trans} />);
    Widget.attach(widget, document.body);
    await rendered();
  };

  beforeEach(() => {
    guard = new FakeGuard();
  });

  afterEach(() => widget.dispose());

  it('names each extension with its connections', async () => {
    await show();
    expect(rows()).toEqual([
      'Chat2 connectionsGuard off',
      'Code1 connectionGuard off',
      'All extensionsGuard off'
    ]);
    expect(hint()).toBe('');
  });

  it('switches one and says when it counts', async () => {
    await show();
    await press('Chat: Guard off');
    expect(guard.asked).toEqual([['Chat', false]]);
    expect(hint()).toBe('Counts when the page is refreshed.');
    await press('Chat: Guard on');
    expect(hint()).toBe('');
  });

  it('switches all', async () => {
    await show();
    await press('All extensions: Guard off');
    await press('All extensions: Guard on');
    expect(guard.asked).toEqual([
      [null, false],
      [null, true]
    ]);
  });

  it('says when the browser does not keep it', async () => {
    guard.keeps = false;
    await show();
    await press('Chat: Guard off');
    expect(hint()).toMatch(/^Not changed/);
    guard.keeps = true;
    await press('Chat: Guard off');
    expect(hint()).toBe('Counts when the page is refreshed.');
  });

  it('says what had to turn native, which no refresh is asked for', async () => {
    await show();
    const [chat] = guard.extensions;
    guard.extensions = [{ ...chat, guarded: false, openSockets: 0 }];
    guard.changed.emit();
    await rendered();
    expect(rows()).toEqual(['Chatnot guardedGuard off']);
    expect(hint()).toBe('');
  });

  it('follows what is open, and says what is not guarded', async () => {
    await show();
    guard.extensions = [
      {
        name: 'Chat',
        guarded: false,
        switchedOn: false,
        guardedNextTime: false,
        openSockets: 0
      }
    ];
    guard.changed.emit();
    await rendered();
    expect(rows()).toEqual(['Chatnot guardedGuard on']);
  });

  it('is not there where nothing is guarded', async () => {
    guard.extensions = [];
    await show();
    expect(widget.node.textContent).toBe('');
  });
});
