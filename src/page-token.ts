import { Token } from '@lumino/coreutils';

/**
 * Return the one token of that name of the page, made by the first who asks.
 *
 * #### Notes
 * JupyterLab finds a service by the identity of its token. An extension that
 * imports this package may bundle a copy of it, of another version or because
 * this one is not installed: all copies must have the same token.
 */
export function pageToken<T>(name: string, description: string): Token<T> {
  const page = globalThis as { [key: symbol]: Token<T> | undefined };
  return (page[Symbol.for(name)] ??= new Token<T>(name, description));
}
