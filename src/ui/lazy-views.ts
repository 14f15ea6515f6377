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
    this._load = load;
    // What is needed and cannot be loaded is said when somebody asks for it.
    this._start().catch(() => undefined);
  }

  /** Where the popup is anchored. */
  get anchor(): Widget | null {
    return this._anchor;
  }
  set anchor(value: Widget | null) {
    this._anchor = value;
    if (this._views) {
      this._views.anchor = value;
    }
  }

  /** Show the question that is open, or else what is known of the connection. */
  show(): void {
    this._start().then(
      views => views.show(),
      error => {
        console.warn('The AI connection cannot show its state.', error);
      }
    );
  }

  private _start(): Promise<IConnectionViews> {
    this._loading ??= this._load().then(
      views => {
        this._views = views;
        views.anchor = this._anchor;
        return views;
      },
      error => {
        this._loading = null;
        throw error;
      }
    );
    return this._loading;
  }

  private readonly _load: () => Promise<IConnectionViews>;
  private _loading: Promise<IConnectionViews> | null = null;
  private _views: IConnectionViews | null = null;
  private _anchor: Widget | null = null;
}
