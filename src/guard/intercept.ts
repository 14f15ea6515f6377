import type { IGuardConfig } from './page-config';
import { nameOf, readConfig } from './page-config';
import type { GuardWindow, IPageGuard } from './page-guard';
import { KEY, VERSION } from './page-guard';
import { GuardSwitch } from './switch';

/** The element with the page's configuration. */
const CONFIG_ID = 'jupyter-config-data';

/** What a guarded socket is made from. */
interface IPlan {
  readonly url: URL;
  readonly protocols: readonly string[];
  readonly name: string;
}

/**
 * Put a constructor in place of the browser's `WebSocket` that hands guarded
 * addresses to the guard and everything else to the browser's own.
 *
 * @param page - The window.
 *
 * #### Notes
 * Nothing is done where nothing is to be guarded, and everything is put back
 * when anything of ours fails.
 */
export function intercept(page: GuardWindow): void {
  const text = page.document.getElementById(CONFIG_ID)?.textContent;
  if (page[KEY] || !text) {
    return;
  }
  const config = readConfig(text, page.location.href);
  if (!config) {
    return;
  }
  const off = new GuardSwitch(config.server.pathname);
  const paths = Object.fromEntries(
    Object.entries(config.paths).filter(([, name]) => !off.isOff(name))
  );
  if (Object.keys(paths).length) {
    install(page, { ...config, paths });
  }
}

function install(page: GuardWindow, config: IGuardConfig): void {
  const native = page.WebSocket;
  const guarded: typeof WebSocket = new Proxy(native, {
    construct: (_, given: unknown[], target): WebSocket => {
      if (target !== guarded) {
        return Reflect.construct(native, given, target);
      }
      const { args, plan } = look(given, config, page.document.baseURI);
      if (plan && guard.make) {
        try {
          return guard.make(plan.url, plan.protocols, plan.name);
        } catch (error) {
          console.error(error);
          guard.restore();
        }
      }
      return Reflect.construct(native, args);
    }
  });
  const guard: IPageGuard = {
    version: VERSION,
    native,
    guarded,
    make: null,
    restore: () => {
      guard.make = null;
      if (page.WebSocket === guarded) {
        page.WebSocket = native;
      }
      native.prototype.constructor = native;
    }
  };
  try {
    page[KEY] = guard;
    page.WebSocket = guarded;
    native.prototype.constructor = guarded;
  } catch (error) {
    guard.restore();
    throw error;
  }
}

/**
 * Look whether the arguments of a socket name a guarded address.
 *
 * @param base - What an address that is not written out begins with.
 * @returns the arguments with which a native socket is made otherwise. They were
 * converted once and must not be converted again: that may run foreign code.
 */
function look(
  given: unknown[],
  config: IGuardConfig,
  base: string
): { args: unknown[]; plan: IPlan | null } {
  if (!given.length) {
    return { args: given, plan: null };
  }
  let args = given;
  try {
    // An address that is wrong is left to the browser.
    const address = `${given[0]}`;
    args = [address, ...given.slice(1)];
    if (!address.includes('#')) {
      const url = new URL(address, base);
      url.protocol = url.protocol.replace('http', 'ws');
      const name = nameOf(url, config);
      if (name !== null) {
        const protocols = listOf(given[1]);
        args = [address, protocols];
        const plan = valid(protocols) ? { url, protocols, name } : null;
        return { args, plan };
      }
    }
  } catch {
    // The browser says what is wrong.
  }
  return { args, plan: null };
}

/** Convert as the browser does: a sequence of strings, or one string. */
function listOf(protocols: unknown): string[] {
  if (protocols === undefined) {
    return [];
  }
  // Not by `instanceof`: an array of a frame is a sequence too.
  const isObject =
    typeof protocols === 'object' || typeof protocols === 'function';
  const list = protocols as Iterable<unknown> | null;
  return isObject && (list?.[Symbol.iterator] ?? null) !== null
    ? Array.from(list!, each => `${each}`)
    : [`${protocols}`];
}

/** Whether the list may be offered: tokens of RFC 2616, none of them twice. */
function valid(protocols: readonly string[]): boolean {
  const different = new Set(protocols.map(each => each.toLowerCase()));
  return (
    different.size === protocols.length &&
    protocols.every(each => /^[!#$%&'*+\-.^_`|~\w]+$/.test(each))
  );
}
