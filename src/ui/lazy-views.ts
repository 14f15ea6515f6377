import type { Widget } from '@lumino/widgets';

import type { IConnectionViews } from './tokens';

/**
 * The views before, and while, their code is loaded.
 */
export class LazyViews implements IConnectionViews {
  /**
   * @param load - Makes the views; called at once, and again after it failed.
   */
  constructor(load: () => Promise<IConnectionViews>) {
    this.#load = load;
    // What is needed and cannot be loaded is said when somebody asks for it.
    this.#start().catch(() => undefined);
  }

  /** Where the popup is anchored. */
  get anchor(): Widget | null {
    return this.#anchor;
  }
  set anchor(value: Widget | null) {
    this.#anchor = value;
    if (this.#views) {
      this.#views.anchor = value;
    }
  }

  /** Show the question that is open, or else what is known of the connection. */
  show(): void {
    this.#start().then(
      views => views.show(),
      error => {
        console.warn('The AI connection cannot show its state.', error);
      }
    );
  }

  #start(): Promise<IConnectionViews> {
    this.#loading ??= this.#load().then(
      views => {
        this.#views = views;
        views.anchor = this.#anchor;
        return views;
      },
      error => {
        this.#loading = null;
        throw error;
      }
    );
    return this.#loading;
  }

  readonly #load: () => Promise<IConnectionViews>;
  #loading: Promise<IConnectionViews> | null = null;
  #views: IConnectionViews | null = null;
  #anchor: Widget | null = null;
}
