import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

// The connection and its settings are wanted at once; the rest is loaded beside.
/* eslint-disable jupyter/prefer-lazy-imports */
import { addCommands } from './commands';
import { AIConnection } from './connection';
import { SettingsKeeper } from './settings-keeper';
import { IAIConnection } from './tokens';
import { LazyViews } from './ui/lazy-views';
import { IConnectionViews } from './ui/tokens';
/* eslint-enable jupyter/prefer-lazy-imports */

export * from './connection/errors';
export * from './tokens';

/** The domain of all texts. */
const DOMAIN = 'jupyter_ai_ws';

const connection: JupyterFrontEndPlugin<IAIConnection> = {
  id: 'jupyter-ai-ws:connection',
  description: 'Provides the AI connection of the page.',
  autoStart: true,
  provides: IAIConnection,
  activate: (app: JupyterFrontEnd): IAIConnection => {
    const { serverSettings } = app.serviceManager;
    // Where the server half is not there nothing is asked of the server at all.
    const available = PageConfig.getOption('jupyterAiWs') !== '';
    const connection = new AIConnection({ available, serverSettings });
    connection.start();
    return connection;
  }
};

const settings: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-ai-ws:plugin',
  description: 'Applies the settings of the AI connection at once.',
  autoStart: true,
  requires: [IAIConnection],
  optional: [ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    connection: IAIConnection,
    registry: ISettingRegistry | null,
    translator: ITranslator | null
  ) => {
    // Another provider of the token may have nothing to set.
    if (!registry || !(connection instanceof AIConnection)) {
      return;
    }
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const keeper = new SettingsKeeper({
      id: settings.id,
      registry,
      apply: values => connection.applySettings(values),
      complain: problems => {
        void import('./ui').then(ui => ui.complain(problems, trans));
      }
    });
    void keeper.load();
  }
};

const dialog: JupyterFrontEndPlugin<IConnectionViews> = {
  id: 'jupyter-ai-ws:dialog',
  description:
    'Tells, and asks what to do, when the AI connection does not come back.',
  autoStart: true,
  provides: IConnectionViews,
  requires: [IAIConnection],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    connection: IAIConnection,
    translator: ITranslator | null
  ): IConnectionViews => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const { baseUrl } = app.serviceManager.serverSettings;
    const reload = () => window.location.reload();
    return new LazyViews(async () => {
      const ui = await import('./ui');
      const options = { app, baseUrl, connection, reload, trans };
      return new ui.ConnectionViews(options);
    });
  }
};

const status: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-ai-ws:status',
  description: 'Shows the AI connection in the status bar.',
  autoStart: true,
  requires: [IAIConnection],
  optional: [IStatusBar, IConnectionViews, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    connection: IAIConnection,
    statusBar: IStatusBar | null,
    views: IConnectionViews | null,
    translator: ITranslator | null
  ) => {
    if (!statusBar) {
      return;
    }
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    void import('./ui').then(ui => {
      const { id } = status;
      ui.addStatusItem({ connection, id, statusBar, trans, views });
    });
  }
};

const commands: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-ai-ws:commands',
  description: 'Adds commands for the AI connection.',
  autoStart: true,
  requires: [IAIConnection],
  optional: [ICommandPalette, IConnectionViews, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    connection: IAIConnection,
    palette: ICommandPalette | null,
    views: IConnectionViews | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    addCommands({ commands: app.commands, connection, palette, trans, views });
  }
};

export default [connection, settings, dialog, status, commands];
