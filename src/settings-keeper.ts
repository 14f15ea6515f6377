import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { IDisposable } from '@lumino/disposable';

import type { ISettingProblem } from './settings';
import { mendPlugin, readSettings } from './settings';
import type { IConnectionSettings } from './tokens';

/**
 * Follows the settings of a plugin, whatever state its file is in.
 *
 * #### Notes
 * Until settings arrive, and if they never do, the defaults hold. Complaints
 * are made once, not with every change.
 */
export class SettingsKeeper implements IDisposable {
  /**
   * @param options - Which settings, and what to do with them.
   */
  constructor(options: SettingsKeeper.IOptions) {
    const { id, registry } = (this._options = options);
    this._transform = registry.transform(id, {
      fetch: plugin => {
        const mended = mendPlugin(plugin);
        if (mended.problems.length) {
          this._complain(mended.problems);
        }
        return mended.plugin;
      }
    });
  }

  /** Whether nothing is followed any more. */
  get isDisposed(): boolean {
    return this._transform.isDisposed;
  }

  /** Load the settings and follow them; never rejects. */
  async load(): Promise<void> {
    const { id, registry } = this._options;
    try {
      const settings = await registry.load(id);
      if (!this.isDisposed) {
        settings.changed.connect(this._onChanged, this);
        this._onChanged(settings);
      }
    } catch (error) {
      console.warn('The AI connection keeps its default settings.', error);
      this._complain([]);
    }
  }

  /** Follow the settings no more. */
  dispose(): void {
    this._transform.dispose();
  }

  private _onChanged(settings: ISettingRegistry.ISettings): void {
    if (!this.isDisposed) {
      this._options.apply(readSettings(settings.composite).settings);
    }
  }

  private _complain(problems: ReadonlyArray<ISettingProblem>): void {
    if (!this._complained) {
      this._complained = true;
      this._options.complain(problems);
    }
  }

  private readonly _options: SettingsKeeper.IOptions;
  private readonly _transform: IDisposable;
  private _complained = false;
}

/** A namespace for `SettingsKeeper` statics. */
export namespace SettingsKeeper {
  /** What a keeper needs. */
  export interface IOptions {
    /** The plugin whose settings they are. */
    readonly id: string;
    /** Where settings are kept. */
    readonly registry: ISettingRegistry;
    /** Called with valid settings, now and whenever they change. */
    readonly apply: (settings: IConnectionSettings) => void;
    /** Called once when something is wrong; nothing is listed when the file cannot be read. */
    readonly complain: (problems: ReadonlyArray<ISettingProblem>) => void;
  }
}
