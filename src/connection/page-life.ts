/** What the page's life means to the connection (R7, L8, H10). */
export interface IPageLifeListener {
  /** The network is back, or the machine woke. */
  cameBack(): void;
  /** The page became visible, or came out of the back/forward cache. */
  shown(): void;
  /** The page became hidden. */
  hid(): void;
  /** The page is about to be frozen: its socket cannot live through that. */
  park(): void;
  /** The page goes and does not come back. */
  left(): void;
}

/** Wall time may run ahead of the page's own clock by this much before the machine counts as having slept. */
const SLEPT_MS = 3000;

/**
 * Listens to what happens to the page, until disposed.
 */
export class PageLife {
  /** @param listener - Who is told. */
  constructor(listener: IPageLifeListener) {
    const listen = (
      target: EventTarget,
      type: string,
      handle: (event: Event) => void
    ) => {
      target.addEventListener(type, handle);
      this.#removals.push(() => target.removeEventListener(type, handle));
    };
    // A page that nobody sees may be thawed, restored or loaded, too.
    const look = () => this.hidden || listener.shown();
    this.#listener = listener;
    listen(window, 'online', () => listener.cameBack());
    listen(window, 'pageshow', look);
    listen(window, 'pagehide', event =>
      (event as PageTransitionEvent).persisted
        ? listener.park()
        : listener.left()
    );
    listen(document, 'freeze', () => listener.park());
    listen(document, 'resume', look);
    listen(document, 'visibilitychange', () =>
      this.hidden ? listener.hid() : listener.shown()
    );
  }

  /** Whether nobody sees the page. */
  get hidden(): boolean {
    return document.visibilityState === 'hidden';
  }

  /**
   * Tell when the machine has slept: the page's clock stands still meanwhile,
   * the wall clock does not. Called whenever a timer fires.
   *
   * #### Notes
   * A wall clock that was set forward looks the same; that costs one ping.
   */
  checkSleep(): void {
    const aheadMs = Date.now() - performance.now();
    const slept = aheadMs - this.#aheadMs > SLEPT_MS;
    this.#aheadMs = aheadMs;
    if (slept) {
      this.#listener.cameBack();
    }
  }

  /** Remove every listener. */
  dispose(): void {
    for (const remove of this.#removals.splice(0)) {
      remove();
    }
  }

  readonly #listener: IPageLifeListener;
  readonly #removals: (() => void)[] = [];
  #aheadMs = Date.now() - performance.now();
}
