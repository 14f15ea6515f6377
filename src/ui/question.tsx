import { Dialog, DOMUtils } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { VDomRenderer } from '@jupyterlab/ui-components';
import type { ReactElement } from 'react';
import React from 'react';

import type { IAIConnection, IConnectionStatus } from '../tokens';
import { adviceFor, outlookOf, predicamentOf, safetyFor } from './advice';
import { toldStatus } from './blocked';
import { costsOfRefresh } from './costs';
import type { IQuestion } from './escalation';
import { StatusModel } from './model';
import { causeSentence } from './words';

/** What a person decided. */
export type Answer = 'reconnect' | 'refresh' | 'login' | 'wait';

/**
 * Ask a person what to do about a connection that does not come back.
 *
 * #### Notes
 * Loaded when it is needed. `close` is for the connection's return: it ends the
 * question with `wait`, also while it waits behind another dialog.
 */
export class Question implements IQuestion {
  /**
   * @param options - What it is about.
   */
  constructor(options: Question.IOptions) {
    const { connection, trans } = options;
    this.#login = offersLogin(connection.status);
    this.#model = new StatusModel({ connection, trans });
    const body = new QuestionBody(this.#model, options);
    this.#dialog = new Dialog<unknown>({
      title:
        connection.diagnostics().instance === null
          ? trans.__('No AI connection')
          : trans.__('AI connection lost'),
      body,
      buttons: [
        Dialog.cancelButton({ label: trans.__('Keep waiting') }),
        Dialog.createButton({
          label: trans.__('Refresh page'),
          className: 'jp-mod-reject',
          actions: ['refresh']
        }),
        ...(this.#login
          ? [
              Dialog.createButton({
                label: trans.__('Log in'),
                className: 'jp-mod-reject',
                actions: ['login']
              })
            ]
          : []),
        Dialog.okButton({
          label: trans.__('Reconnect now'),
          actions: ['reconnect']
        })
      ],
      defaultButton: this.#login ? 3 : 2
    });
    // The dialog names itself only when its body is text.
    this.#dialog.addClass('jp-AiConnectionQuestion');
    const header = this.#dialog.node.querySelector('.jp-Dialog-header');
    const titleId = DOMUtils.createDomID();
    header?.setAttribute('id', titleId);
    body.id = DOMUtils.createDomID();
    this.#dialog.node.setAttribute('aria-labelledby', titleId);
    this.#dialog.node.setAttribute('aria-describedby', body.id);
  }

  /** Show it, and resolve with what the person decided. */
  async ask(): Promise<Answer> {
    this.#asked = true;
    try {
      const { button } = await this.#dialog.launch();
      return (button.actions[0] as Answer | undefined) ?? 'wait';
    } catch {
      // Somebody disposed of the dialog.
      return 'wait';
    } finally {
      this.#model.dispose();
    }
  }

  /** Take the question back; one that was never asked is gone. */
  close(): void {
    if (this.#asked) {
      this.#dialog.reject();
    } else {
      this.#dialog.dispose();
      this.#model.dispose();
    }
  }

  /** Whether it still offers what is to be done. */
  fits(status: IConnectionStatus): boolean {
    return offersLogin(status) === this.#login;
  }

  readonly #login: boolean;
  readonly #model: StatusModel;
  readonly #dialog: Dialog<unknown>;
  #asked = false;
}

/** A namespace for `Question` statics. */
export namespace Question {
  /** What a question is about. */
  export interface IOptions {
    /** The connection; not owned. */
    readonly connection: IAIConnection;
    /** The language. */
    readonly trans: TranslationBundle;
    /** Names of the documents with unsaved changes. */
    readonly unsaved: () => ReadonlyArray<string>;
  }
}

function offersLogin({ cause }: IConnectionStatus): boolean {
  return cause === 'login';
}

/** What happened, what is safe, what to do, and when it is tried again. */
class QuestionBody extends VDomRenderer<StatusModel> {
  constructor(
    model: StatusModel,
    private readonly options: Question.IOptions
  ) {
    super(model);
    this.trans = options.trans;
    this.addClass('jp-AiConnectionQuestion-body');
  }

  protected render(): ReactElement {
    const { trans } = this;
    const { connection, unsaved } = this.options;
    const status = toldStatus(connection);
    const known = connection.diagnostics();
    const { words } = this.model;
    const predicament = predicamentOf(status, known);
    return (
      <>
        <p className="jp-AiConnectionQuestion-cause">
          {words.kind === 'offline'
            ? words.sentence
            : causeSentence(status.cause, trans)}
        </p>
        <p>{safetyFor(predicament, trans)}</p>
        <p>{adviceFor(predicament, trans)}</p>
        {costsOfRefresh(status.cause, known.channels, unsaved(), trans).map(
          cost => (
            <p key={cost} className="jp-AiConnectionQuestion-cost">
              {cost}
            </p>
          )
        )}
        <p className="jp-AiConnectionQuestion-outlook">
          {outlookOf(status, words.countdownS, trans)}
        </p>
      </>
    );
  }

  protected readonly trans: TranslationBundle;
}
