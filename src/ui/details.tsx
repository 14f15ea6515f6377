import { Popup } from '@jupyterlab/statusbar';
import type { TranslationBundle } from '@jupyterlab/translation';
import { VDomRenderer } from '@jupyterlab/ui-components';
import type { Widget } from '@lumino/widgets';
import type { ReactElement } from 'react';
import React from 'react';

import type { IAIConnection, IGuard } from '../tokens';
import { type IAction, showActionsDialog } from './actions-dialog';
import { adviceFor, outlookOf, predicamentOf } from './advice';
import { toldStatus } from './blocked';
import { factsOf } from './facts';
import { GuardSection } from './guard-section';
import { StatusModel } from './model';
import { proxyHint } from './proxies';
import { Sparkline } from './sparkline';
import type { StatusKind } from './words';

/** How often the numbers are renewed while somebody looks at them. */
const RENEW_MS = 1000;

/** The first thing to press under the details. */
const ACTION = '.jp-AiConnectionDetails-actions button';

/** What does not go by itself: there people are told what they can do. */
const HELPLESS: ReadonlySet<StatusKind> = new Set([
  'absent',
  'asking',
  'failed'
]);

/** What widgets are told. */
type LuminoMessage = Parameters<Widget['processMessage']>[0];

/** What the details need. */
export interface IDetailsOptions {
  /** The connection; not owned. */
  readonly connection: IAIConnection;
  /** The guard of other extensions; not owned. */
  readonly guard?: IGuard;
  /** The language. */
  readonly trans: TranslationBundle;
  /** What to press; pressing closes the details. */
  readonly actions: ReadonlyArray<IAction>;
}

/**
 * Show what is known of the connection in a popup.
 *
 * @param options - What to show.
 * @param anchor - The status item.
 *
 * #### Notes
 * The focus goes into the popup and, with Escape, back to the item. When Tab leads
 * out of it the popup goes.
 */
export function showDetailsPopup(
  options: IDetailsOptions,
  anchor: Widget
): Popup {
  const body = new DetailsBody({ ...options, close: () => popup.dispose() });
  body.node.setAttribute('role', 'dialog');
  body.node.setAttribute('aria-label', options.trans.__('AI connection'));
  const popup = new DetailsPopup(body, anchor);
  popup.launch();
  void body.renderPromise?.then(() => {
    popup.node.querySelector<HTMLElement>(ACTION)?.focus();
  });
  popup.disposed.connect(() => {
    // Only if it would be lost: a click elsewhere has put it there.
    if (popup.node.contains(document.activeElement)) {
      anchor.node.querySelector<HTMLElement>('[role="button"]')?.focus();
    }
  });
  return popup;
}

/**
 * Show what is known of the connection in a dialog, where there is no status bar.
 *
 * @param options - What to show.
 */
export async function showDetailsDialog(
  options: IDetailsOptions
): Promise<void> {
  const { trans, actions } = options;
  const body = new DetailsBody({
    ...options,
    actions: [],
    close: () => undefined
  });
  const { dialog, done } = showActionsDialog(body, actions, trans);
  dialog.node.setAttribute('aria-label', trans.__('AI connection'));
  await done;
}

/**
 * A popup that is always within the window.
 *
 * #### Notes
 * JupyterLab's own puts its right edge at the item's, and hides what does not fit
 * between there and the left edge of the window.
 */
class DetailsPopup extends Popup {
  constructor(
    private readonly details: Widget,
    private readonly item: Widget
  ) {
    super({
      body: details,
      anchor: item,
      align: 'right',
      hasDynamicSize: true
    });
  }

  launch(): void {
    super.launch();
    this.#fit();
    this.node.addEventListener('focusout', this.#onFocusOut);
  }

  protected onUpdateRequest(message: LuminoMessage): void {
    super.onUpdateRequest(message);
    this.#fit();
  }

  handleEvent(event: Event): void {
    this.#tabbed = (event as KeyboardEvent).key === 'Tab';
    super.handleEvent(event);
  }

  /** Go when Tab leads elsewhere; the focus may also be taken, as by a start page. */
  readonly #onFocusOut = ({ relatedTarget: next }: FocusEvent): void => {
    const tabbed = this.#tabbed;
    this.#tabbed = false;
    const stays = [this.node, this.item.node];
    // Out of the page it leads to nothing.
    if (tabbed && !stays.some(node => node.contains(next as Node | null))) {
      this.dispose();
    }
  };

  #fit(): void {
    const { style } = this.details.node;
    const item = this.item.node.getBoundingClientRect();
    const right = Math.min(item.right, window.innerWidth);
    const size = () => this.details.node.getBoundingClientRect();
    // Its width depends on the room beside it.
    style.left = '0';
    style.left = `${Math.max(0, Math.floor(right - size().width))}px`;
    style.top = `${Math.max(0, Math.floor(item.top - size().height))}px`;
    style.visibility = style.zIndex = '';
  }

  // Whether Tab was the last key, and has not moved the focus yet.
  #tabbed = false;
}

/** The details themselves. */
class DetailsBody extends VDomRenderer<StatusModel> {
  constructor(private readonly options: IDetailsOptions & { close(): void }) {
    super(new StatusModel(options));
    this.trans = options.trans;
    this.addClass('jp-AiConnectionDetails');
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    const model = this.model;
    super.dispose();
    model.dispose();
  }

  protected onAfterAttach(message: LuminoMessage): void {
    super.onAfterAttach(message);
    this.#timer = setInterval(() => this.update(), RENEW_MS);
  }

  protected onBeforeDetach(message: LuminoMessage): void {
    clearInterval(this.#timer);
    super.onBeforeDetach(message);
  }

  protected render(): ReactElement {
    const { connection, actions, close, guard } = this.options;
    const { words } = this.model;
    const { status } = connection;
    const known = connection.diagnostics();
    const hint = proxyHint(known, this.trans);
    return (
      <>
        <div className="jp-AiConnectionDetails-title">{words.label}</div>
        <p>{words.sentence}</p>
        {HELPLESS.has(words.kind) && (
          <p>
            {adviceFor(
              predicamentOf(toldStatus(connection), known),
              this.trans
            )}
          </p>
        )}
        {words.countdownS !== null && (
          <p className="jp-AiConnectionDetails-outlook">
            {outlookOf(status, words.countdownS, this.trans)}
          </p>
        )}
        {hint && (
          <p className="jp-AiConnectionDetails-hint">
            {hint}{' '}
            <button
              className="jp-AiConnectionDetails-forget"
              onClick={event => {
                // It goes with the hint, and the popup closes at clicks on what is not in it.
                event.stopPropagation();
                this.#focusElsewhere();
                connection.forgetSilence();
                this.update();
              }}
            >
              {this.trans.__('Forget')}
            </button>
          </p>
        )}
        <Sparkline
          roundTrips={known.roundTrips}
          now={Date.now()}
          trans={this.trans}
        />
        <dl>
          {factsOf(known, this.trans).map(fact => (
            <div key={fact.term} className="jp-AiConnectionDetails-fact">
              <dt>{fact.term}</dt>
              <dd>{fact.value}</dd>
            </div>
          ))}
        </dl>
        {guard && <GuardSection guard={guard} trans={this.trans} />}
        <div className="jp-AiConnectionDetails-actions">
          {actions.map(({ label, run }) => (
            <button
              key={label}
              className="jp-mod-styled jp-mod-minimal"
              onClick={() => {
                close();
                run();
              }}
            >
              {label}
            </button>
          ))}
        </div>
      </>
    );
  }

  /** Keep the focus inside when what has it goes. */
  #focusElsewhere(): void {
    const dialog = this.node.closest('.jp-Dialog');
    const next =
      this.node.querySelector<HTMLElement>(ACTION) ??
      dialog?.querySelector<HTMLElement>('.jp-Dialog-footer button');
    next?.focus();
  }

  protected readonly trans: TranslationBundle;
  #timer: ReturnType<typeof setInterval> | undefined;
}
