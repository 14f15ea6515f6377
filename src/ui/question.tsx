import { Dialog, DOMUtils } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { VDomRenderer } from '@jupyterlab/ui-components';
import type { ReactElement } from 'react';
import React from 'react';

import type { IAIConnection } from '../tokens';
import { adviceFor, outlookOf, safetyFor } from './advice';
import { StatusModel } from './model';
import { causeSentence } from './words';

/** What a person decided. */
export type Answer = 'reconnect' | 'refresh' | 'wait';

/**
 * Ask a person what to do about a connection that does not come back.
 *
 * #### Notes
 * Loaded when it is needed. `close` is for the connection's return: it ends the
 * question with `wait`, also while it waits behind another dialog.
 */
export class Question {
  /**
   * @param connection - The connection; not owned.
   * @param trans - The language.
   */
  constructor(connection: IAIConnection, trans: TranslationBundle) {
    this._model = new StatusModel({ connection, trans });
    const body = new QuestionBody(this._model, connection, trans);
    this._dialog = new Dialog<unknown>({
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
        Dialog.okButton({
          label: trans.__('Reconnect now'),
          actions: ['reconnect']
        })
      ],
      defaultButton: 2
    });
    // The dialog names itself only when its body is text.
    this._dialog.addClass('jp-AiConnectionQuestion');
    const header = this._dialog.node.querySelector('.jp-Dialog-header');
    const titleId = DOMUtils.createDomID();
    header?.setAttribute('id', titleId);
    body.id = DOMUtils.createDomID();
    this._dialog.node.setAttribute('aria-labelledby', titleId);
    this._dialog.node.setAttribute('aria-describedby', body.id);
  }

  /** Show it, and resolve with what the person decided. */
  async ask(): Promise<Answer> {
    try {
      const { button } = await this._dialog.launch();
      return (button.actions[0] as Answer | undefined) ?? 'wait';
    } catch {
      // Somebody disposed of the dialog.
      return 'wait';
    } finally {
      this._model.dispose();
    }
  }

  /** Take the question back. */
  close(): void {
    this._dialog.reject();
  }

  private readonly _model: StatusModel;
  private readonly _dialog: Dialog<unknown>;
}

/** What happened, what is safe, what to do, and when it is tried again. */
class QuestionBody extends VDomRenderer<StatusModel> {
  constructor(
    model: StatusModel,
    connection: IAIConnection,
    trans: TranslationBundle
  ) {
    super(model);
    this._connection = connection;
    this.trans = trans;
    this.addClass('jp-AiConnectionQuestion-body');
  }

  protected render(): ReactElement {
    const { trans } = this;
    const { status } = this._connection;
    const { words } = this.model;
    return (
      <>
        <p className="jp-AiConnectionQuestion-cause">
          {words.kind === 'offline'
            ? words.sentence
            : causeSentence(status.cause, trans)}
        </p>
        <p>{safetyFor(status.cause, trans)}</p>
        <p>{adviceFor(status.cause, trans)}</p>
        <p className="jp-AiConnectionQuestion-outlook">
          {outlookOf(status, words.countdownS, trans)}
        </p>
      </>
    );
  }

  protected readonly trans: TranslationBundle;
  private readonly _connection: IAIConnection;
}
