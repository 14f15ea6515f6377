import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { probe } from './probe';
import { AiConnectionModel, AiConnectionStatus } from './ui/status';

const status: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-ai-ws:status',
  description: 'Shows the AI connection in the status bar.',
  autoStart: true,
  optional: [IStatusBar, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    statusBar: IStatusBar | null,
    translator: ITranslator | null
  ) => {
    if (!statusBar) {
      return;
    }
    const trans = (translator ?? nullTranslator).load('jupyter_ai_ws');
    const model = new AiConnectionModel(() =>
      probe(app.serviceManager.serverSettings)
    );
    statusBar.registerStatusItem(status.id, {
      item: new AiConnectionStatus(model, trans),
      align: 'right',
      rank: 100,
      priority: 1
    });
    void model.check();
  }
};

export default [status];
