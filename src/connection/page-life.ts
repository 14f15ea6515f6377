/** What the page's life means to the connection (R7, L8, H10). */
export interface IPageLifeListener {
  /** The network is back. */
  cameBack(): void;
  /** The machine woke, or the page stood still: what it holds open is old. */
  slept(): void;
  /** The page became visible, or came out of the back/forward cache. */
  shown(): void;
  /** The page became hidden. */
  hid(): void;
  /** The page was thawed or restored, and nobody sees it. */
  thawed(): void;
  /** The page is about to be frozen: its socket cannot live through that. */
  park(): void;
  /** The page goes and does not come back. */
  left(): void;
}

/** Wall time may run ahead of the page's own clock by this much before the machine counts as having slept. */
const SLEPT_MS = 3000;

/** How often that is looked at, so that a stale state is not seen for longer. */
const LOOK_MS = 1000;

/**
 * A look that would come so shortly before or after another check is left to that:
 * to wake a browser costs more than what the page does then.
 */
const LEEWAY_MS = 50;

/**
 * A look that is later than this stood still with the machine: there are systems
 * on which both clocks go on in its sleep. A busy page is not that late.
 */
const STOOD_STILL_MS = 10_000;

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
    const look = () => {
      this.#leaves = false;
      this.#arm();
      return this.hidden ? listener.thawed() : listener.shown();
    };
    this.#listener = listener;
    listen(window, 'online', () => listener.cameBack());
    listen(window, 'pageshow', look);
    const leave = () => this.#leaves && this.hidden && listener.left();
    listen(window, 'pagehide', event => {
      if ((event as PageTransitionEvent).persisted) {
        listener.park();
      } else if (this.hidden) {
        listener.left();
      } else {
        // It is about to be hidden. Behind all others who listen to that: what
        // they send then is to arrive, as on sockets of their own.
        this.#leaves = true;
        listen(window, 'visibilitychange', leave);
      }
    });
    listen(document, 'freeze', () => listener.park());
    listen(document, 'resume', look);
    listen(document, 'visibilitychange', () => {
      this.#hiddenSinceMs = this.hidden ? performance.now() : null;
      this.#arm();
      return this.hidden ? listener.hid() : listener.shown();
    });
  }

  /** Whether nobody sees the page. */
  get hidden(): boolean {
    return document.visibilityState === 'hidden';
  }

  /** Since when, by `performance.now()`; null: it is seen. */
  get hiddenSinceMs(): number | null {
    return this.#hiddenSinceMs;
  }

  /**
   * Look every second, while the page is seen, whether the machine has slept.
   *
   * @param wanted - Whether there is a connection that may be stale.
   * @param nextCheckMs - When `checkSleep` is called next without that, by
   * `performance.now()`; infinite unless given: not at all.
   */
  watch(wanted: boolean, nextCheckMs = Infinity): void {
    this.#nextCheckMs = nextCheckMs;
    if (wanted !== this.#watches) {
      this.#watches = wanted;
      this.#arm();
    }
  }

  /**
   * Tell when the machine has slept: the page's clock stands still meanwhile,
   * the wall clock does not. Called whenever a timer fires, too.
   *
   * #### Notes
   * A wall clock that was set forward looks the same; that costs one socket.
   */
  checkSleep(): void {
    const nowMs = performance.now();
    const aheadMs = Date.now() - nowMs;
    const slept =
      aheadMs - this.#aheadMs > SLEPT_MS || nowMs > this.#stoodStillMs;
    this.#aheadMs = aheadMs;
    this.#arm();
    if (slept) {
      this.#listener.slept();
    }
  }

  /** Remove every listener. */
  dispose(): void {
    this.watch(false);
    for (const remove of this.#removals.splice(0)) {
      remove();
    }
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (!this.#watches || this.hidden) {
      this.#stoodStillMs = Infinity;
      return;
    }
    const nowMs = performance.now();
    this.#stoodStillMs = nowMs + STOOD_STILL_MS;
    const apartMs = Math.abs(this.#nextCheckMs - (nowMs + LOOK_MS));
    // Should the other check be put off meanwhile, this is late by no more than that.
    const leewayMs = apartMs <= LEEWAY_MS ? 2 * LEEWAY_MS : 0;
    this.#timer = setTimeout(() => this.checkSleep(), LOOK_MS + leewayMs);
  }

  readonly #listener: IPageLifeListener;
  readonly #removals: (() => void)[] = [];
  #aheadMs = Date.now() - performance.now();
  #hiddenSinceMs = this.hidden ? performance.now() : null;
  #watches = false;
  // The page goes for good.
  #leaves = false;
  // A look after this moment is too late; infinite: nobody looks regularly.
  #stoodStillMs = Infinity;
  #nextCheckMs = Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
}
