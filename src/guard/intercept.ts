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
    delete page[KEY];
    throw error;
  }
}

/**
 * Look whether the arguments of a socket name a guarded address.
 *
 * @param base - What an address that is not written out begins with.
 * @returns the arguments with which a native socket is made otherwise. They were
 * converted once and must not be converted again: that may run foreign code.
 *
 * @throws what foreign code throws that converts them.
 */
function look(
  given: unknown[],
  config: IGuardConfig,
  base: string
): { args: unknown[]; plan: IPlan | null } {
  const [first, second] = given;
  if (!given.length || typeof first === 'symbol') {
    return { args: given, plan: null };
  }
  const address = `${first}`;
  const url = parsed(address, base);
  const name = url && nameOf(url, config);
  if (name === null) {
    return { args: [address, ...given.slice(1)], plan: null };
  }
  const protocols = listOf(second);
  const plan = valid(protocols) ? { url: url!, protocols, name } : null;
  return { args: [address, protocols], plan };
}

/** Where an address leads to; null: it is wrong, and the browser says how. */
function parsed(address: string, base: string): URL | null {
  try {
    const url = new URL(address, base);
    url.protocol = url.protocol.replace('http', 'ws');
    return address.includes('#') ? null : url;
  } catch {
    return null;
  }
}

/**
 * Convert as the browser does: a sequence of strings, or one string. A symbol stays
 * what it is, for the browser to refuse, and ends the list: no browser asks for more.
 */
function listOf(protocols: unknown): (string | symbol)[] {
  if (protocols === undefined) {
    return [];
  }
  // Not by `instanceof`: an array of a frame is a sequence too.
  const isObject =
    typeof protocols === 'object' || typeof protocols === 'function';
  const iterate = isObject
    ? (protocols as Iterable<unknown> | null)?.[Symbol.iterator]
    : null;
  const sequence =
    iterate === undefined || iterate === null
      ? [protocols]
      : // What was read is called: the member may be foreign code.
        {
          [Symbol.iterator]: (): Iterator<unknown> =>
            Reflect.apply(iterate, protocols, [])
        };
  const list: (string | symbol)[] = [];
  for (const each of sequence) {
    list.push(typeof each === 'symbol' ? each : `${each}`);
    if (typeof each === 'symbol') {
      break;
    }
  }
  return list;
}

/** Whether the list may be offered: tokens of RFC 2616, none of them twice. */
function valid(protocols: readonly (string | symbol)[]): protocols is string[] {
  // That of a symbol has parentheses, and is no token.
  const names = protocols.map(String);
  const different = new Set(names.map(each => each.toLowerCase()));
  return (
    different.size === names.length &&
    names.every(each => /^[!#$%&'*+\-.^_`|~\w]+$/.test(each))
  );
}
