import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { IDisposable } from '@lumino/disposable';

import type { ISettingProblem, SettingText } from './fields';
import { mendPlugin, readSettings } from './fields';
import type { IConnectionSettings } from '../tokens';

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
    const { id, registry } = (this.#options = options);
    this.#transform = registry.transform(id, {
      fetch: plugin => {
        const mended = mendPlugin(plugin, options.say);
        if (mended.problems.length) {
          this.#complain(mended.problems);
        }
        return mended.plugin;
      }
    });
  }

  /** Whether nothing is followed any more. */
  get isDisposed(): boolean {
    return this.#transform.isDisposed;
  }

  /** Load the settings and follow them; never rejects. */
  async load(): Promise<void> {
    const { id, registry } = this.#options;
    try {
      const settings = await registry.load(id);
      if (!this.isDisposed) {
        settings.changed.connect(this.#onChanged, this);
        this.#onChanged(settings);
      }
    } catch (error) {
      console.warn('The AI connection keeps its default settings.', error);
      this.#complain([]);
    }
  }

  /** Follow the settings no more. */
  dispose(): void {
    this.#transform.dispose();
  }

  #onChanged(settings: ISettingRegistry.ISettings): void {
    if (!this.isDisposed) {
      this.#options.apply(readSettings(settings.composite).settings);
    }
  }

  #complain(problems: ReadonlyArray<ISettingProblem>): void {
    if (!this.#complained) {
      this.#complained = true;
      this.#options.complain(problems);
    }
  }

  readonly #options: SettingsKeeper.IOptions;
  readonly #transform: IDisposable;
  #complained = false;
}

/** A namespace for `SettingsKeeper` statics. */
export namespace SettingsKeeper {
  /** What a keeper needs. */
  export interface IOptions {
    /** The plugin whose settings they are. */
    readonly id: string;
    /** Where settings are kept. */
    readonly registry: ISettingRegistry;
    /** Puts the texts of the schema into the language of the page; as they are unless given. */
    readonly say?: SettingText;
    /** Called with valid settings, now and whenever they change. */
    readonly apply: (settings: IConnectionSettings) => void;
    /** Called once when something is wrong; nothing is listed when the file cannot be read. */
    readonly complain: (problems: ReadonlyArray<ISettingProblem>) => void;
  }
}
