import type { TranslationBundle } from '@jupyterlab/translation';
import { UseSignal } from '@jupyterlab/ui-components';
import type { ReactElement } from 'react';
import React, { useState } from 'react';

import type { IGuard, IGuardedExtension } from '../tokens';

/** What the section needs. */
export interface IGuardSectionProps {
  /** The guard; not owned. */
  readonly guard: IGuard;
  /** The language. */
  readonly trans: TranslationBundle;
}

/**
 * The other extensions that go through the connection, each with a switch.
 *
 * #### Notes
 * Nothing is rendered where none was seen on the page and none is switched off.
 */
export function GuardSection(props: IGuardSectionProps): ReactElement {
  return (
    <UseSignal signal={props.guard.changed}>
      {() => <Section {...props} />}
    </UseSignal>
  );
}

function Section({ guard, trans }: IGuardSectionProps): ReactElement | null {
  const { extensions } = guard;
  const [isKept, setKept] = useState(true);
  if (!extensions.length) {
    return null;
  }
  const turn = (name: string | null, on: boolean) =>
    setKept(guard.setGuarded(name, on));
  const anyOn = extensions.some(each => each.guardedNextTime);
  const changed = extensions.some(
    each => each.switchedOn !== each.guardedNextTime
  );
  return (
    <section className="jp-AiConnectionGuard">
      <h3>{trans.__('Guarded extensions')}</h3>
      <ul>
        {extensions.map(each => (
          <li key={each.name}>
            <span>{each.name}</span>
            <span>{stateOf(each, trans)}</span>
            <Switch
              label={each.name}
              on={each.guardedNextTime}
              set={on => turn(each.name, on)}
              trans={trans}
            />
          </li>
        ))}
        {extensions.length > 1 && (
          <li>
            <span>{trans.__('All extensions')}</span>
            <Switch
              label={trans.__('All extensions')}
              on={anyOn}
              set={on => turn(null, on)}
              trans={trans}
            />
          </li>
        )}
      </ul>
      <p role="status">{messageOf(isKept, changed, trans)}</p>
    </section>
  );
}

interface ISwitchProps {
  readonly label: string;
  readonly on: boolean;
  readonly set: (on: boolean) => void;
  readonly trans: TranslationBundle;
}

function Switch({ label, on, set, trans }: ISwitchProps): ReactElement {
  const text = on ? trans.__('Guard off') : trans.__('Guard on');
  return (
    <button
      className="jp-mod-styled jp-mod-minimal"
      aria-label={`${label}: ${text}`}
      onClick={() => set(!on)}
    >
      {text}
    </button>
  );
}

function messageOf(
  isKept: boolean,
  changed: boolean,
  trans: TranslationBundle
): string {
  if (!isKept) {
    return trans.__(
      'Not changed: the storage of this browser is full or blocked.'
    );
  }
  return changed ? trans.__('Counts when the page is refreshed.') : '';
}

function stateOf(
  { guarded, openSockets }: IGuardedExtension,
  trans: TranslationBundle
): string {
  return guarded
    ? trans._n('%1 connection', '%1 connections', openSockets)
    : trans.__('not guarded');
}
