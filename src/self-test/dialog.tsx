import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { ReactElement } from 'react';
import React from 'react';

import type { IAIConnection } from '../tokens';
import type { IResult } from './runner';
import { SelfTestRunner } from './runner';
import { arrivedSentence, passed, resultSentence, verdict } from './words';
import '../../style/base.css';

/**
 * Run the self-test and show its progress and result.
 *
 * @param connection - The connection to test.
 * @param trans - The language.
 * @param options - How much to test.
 *
 * #### Notes
 * Closing the dialog cancels the test.
 */
export async function showSelfTest(
  connection: IAIConnection,
  trans: TranslationBundle,
  options: Partial<SelfTestRunner.IOptions> = {}
): Promise<IResult> {
  const runner = new SelfTestRunner({
    name: trans.__('Self-test'),
    ...options,
    connection
  });
  const body = new SelfTestBody(runner, trans);
  const dialog = new Dialog<unknown>({
    title: trans.__('AI Connection Self-Test'),
    body,
    buttons: [Dialog.cancelButton({ label: trans.__('Cancel') })]
  });
  dialog.node.setAttribute('aria-label', trans.__('AI Connection Self-Test'));
  // It rejects when somebody else disposes of the dialog.
  const closed = dialog.launch().catch(() => undefined);
  // It may have to wait behind another one, and the test with it.
  await Promise.race([dialog.ready, closed.then(() => runner.dispose())]);
  const result = runner.run();
  void result.then(value => {
    body.result = value;
    const label = dialog.node.querySelector('.jp-Dialog-buttonLabel');
    if (label) {
      label.textContent = trans.__('Close');
      label.setAttribute('aria-label', trans.__('Close'));
    }
  });
  await closed;
  runner.dispose();
  return result;
}

/** Progress first, then the result. */
class SelfTestBody extends ReactWidget {
  constructor(
    private readonly runner: SelfTestRunner,
    trans: TranslationBundle
  ) {
    super();
    this.trans = trans;
    this.addClass('jp-AiConnectionSelfTest');
    runner.progressed.connect(this.update, this);
  }

  /** What came out; null while the test runs. */
  set result(value: IResult) {
    this.#result = value;
    this.update();
  }

  protected render(): ReactElement {
    const { runner, trans } = this;
    const { progress } = runner;
    const done = progress.toPage + progress.toServer;
    const percent = Math.floor((50 * done) / progress.records);
    return (
      <>
        <p>
          {trans.__(
            'Numbered records stream from the server to this page and back while the connection is cut again and again.'
          )}
        </p>
        <progress
          className="jp-AiConnectionSelfTest-bar"
          aria-label={trans.__('Progress of the self-test')}
          max={100}
          value={percent}
        />
        {this.#result?.outcome !== 'complete' && (
          <p className="jp-AiConnectionSelfTest-counts">
            {arrivedSentence(progress, trans)}
          </p>
        )}
        <div role="status">{this.#outcome()}</div>
      </>
    );
  }

  #outcome(): ReactElement | null {
    const result = this.#result;
    if (!result) {
      return this.runner.progress.waiting ? (
        <p>{this.trans.__('Waiting for the AI connection…')}</p>
      ) : null;
    }
    const mood = passed(result) ? 'jp-mod-passed' : 'jp-mod-failed';
    return (
      <>
        <p className={`jp-AiConnectionSelfTest-verdict ${mood}`}>
          {verdict(result, this.trans)}
        </p>
        {result.outcome === 'complete' && (
          <p>{resultSentence(result, this.trans)}</p>
        )}
      </>
    );
  }

  protected readonly trans: TranslationBundle;
  #result: IResult | null = null;
}
