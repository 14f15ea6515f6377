import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ConnectionLost, IConnectionLost } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator } from '@jupyterlab/translation';

// Sockets are wanted at once; the rest is loaded beside.
import { guardPage } from './guard/page';
import { loadPatiently } from './load';
import { IAIConnection, IGuard } from './tokens';
import { LazyViews } from './ui/lazy-views';
import { IConnectionViews } from './ui/tokens';

// Not in a plugin: when plugins are activated the first sockets exist.
const pageGuard = guardPage(window, ServerConnection);

/** The code of the connection, on its way before plugins are activated. */
const loadingConnection = import('./connection');
// What fails is said when the plugin is activated.
loadingConnection.catch(() => pageGuard.giveUp());

/** Whether a hub runs the server. */
const onHub = PageConfig.getOption('hubPrefix') !== '';

/** The plugin that has the settings. */
const SETTINGS_ID = 'jupyter-ai-ws:plugin';

/** Load the code of the interface, and its texts in the language of the page. */
async function loadInterface(translator: ITranslator | null) {
  const ui = await loadPatiently(() => import('./ui'));
  return { ui, trans: await ui.loadTexts(translator) };
}

/** Say that a part of the interface is missing; everything else goes on. */
function reportMissing(error: unknown): void {
  console.warn('A part of the AI connection could not be loaded.', error);
}

const connection: JupyterFrontEndPlugin<IAIConnection> = {
  id: 'jupyter-ai-ws:connection',
  description: 'Provides the AI connection of the page.',
  autoStart: true,
  provides: IAIConnection,
  activate: async (app: JupyterFrontEnd): Promise<IAIConnection> => {
    const { AIConnection } = await loadingConnection;
    // The one socket that carries the others.
    const serverSettings = pageGuard.unguarded(
      app.serviceManager.serverSettings
    );
    // Where the server half is not there nothing is asked of the server at all.
    const available = PageConfig.getOption('jupyterAiWs') !== '';
    const connection = new AIConnection({
      available,
      guard: pageGuard,
      onHub,
      serverSettings
    });
    connection.start();
    return connection;
  }
};

const guard: JupyterFrontEndPlugin<IGuard> = {
  id: 'jupyter-ai-ws:guard',
  description: 'Lets sockets of other AI extensions go through the connection.',
  autoStart: true,
  provides: IGuard,
  requires: [IAIConnection],
  activate: (app: JupyterFrontEnd, connection: IAIConnection): IGuard => {
    pageGuard.attach(connection);
    return pageGuard;
  }
};

const settings: JupyterFrontEndPlugin<void> = {
  id: SETTINGS_ID,
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
    if (!registry) {
      return;
    }
    const loading = Promise.all([loadInterface(translator), loadingConnection]);
    loading
      .then(([{ ui, trans }, { AIConnection }]) => {
        // Another provider of the token may have nothing to set.
        if (!(connection instanceof AIConnection)) {
          return null;
        }
        const keeper = new ui.SettingsKeeper({
          id: SETTINGS_ID,
          registry,
          say: ui.settingTexts(connection, trans),
          apply: values => connection.applySettings(values),
          complain: problems => ui.complain(problems, trans)
        });
        void keeper.load();
        return keeper;
      })
      .catch(reportMissing);
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
    const { baseUrl } = app.serviceManager.serverSettings;
    const reload = () => window.location.reload();
    return new LazyViews(async () => {
      const { ui, trans } = await loadInterface(translator);
      return new ui.ConnectionViews({
        app,
        baseUrl,
        connection,
        guard: pageGuard,
        reload,
        trans
      });
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
    const { id } = status;
    loadInterface(translator)
      .then(({ ui, trans }) =>
        ui.addStatusItem({ connection, id, statusBar, trans, views })
      )
      .catch(reportMissing);
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
    const { commands } = app;
    loadInterface(translator)
      .then(({ ui, trans }) =>
        ui.addCommands({ commands, connection, palette, trans, views })
      )
      .catch(reportMissing);
  }
};

const connectionLost: JupyterFrontEndPlugin<IConnectionLost> = {
  id: 'jupyter-ai-ws:connection-lost',
  description:
    'Tells of a lost server as the AI connection does, instead of by a dialog at once.',
  autoStart: true,
  provides: IConnectionLost,
  optional: [IAIConnection, IConnectionViews, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    connection: IAIConnection | null,
    views: IConnectionViews | null,
    registry: ISettingRegistry | null
  ): IConnectionLost => {
    // Its code has to be there when the server is not; without it, and without
    // anything that would tell, JupyterLab's own dialog stands.
    let handle = ConnectionLost;
    const otherwise = ConnectionLost;
    loadPatiently(() => import('./ui'))
      .then(({ handlerOfLoss }) => {
        if (views) {
          const id = SETTINGS_ID;
          handle = handlerOfLoss({ connection, id, otherwise, registry });
        }
      })
      .catch(reportMissing);
    return (...failure) => handle(...failure);
  }
};

export default [
  connection,
  guard,
  settings,
  dialog,
  status,
  commands,
  // On a hub the hub's own dialog, which can start the server again, stays.
  ...(onHub ? [] : [connectionLost])
];
