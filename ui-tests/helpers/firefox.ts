import { existsSync } from 'fs';
import type { Browser } from 'puppeteer-core';
import puppeteer from 'puppeteer-core';

/**
 * Start the machine's own Firefox.
 *
 * #### Notes
 * Playwright drives only a Firefox that it has downloaded, or one newer than the
 * long-term release of Debian. `FIREFOX` names another.
 */
export async function openFirefox(): Promise<Browser> {
  const places = ['/usr/bin/firefox-esr', '/usr/bin/firefox'];
  const executablePath = process.env.FIREFOX ?? places.find(existsSync);
  if (!executablePath) {
    throw new Error('There is no Firefox. Install it, or name it in FIREFOX.');
  }
  return puppeteer.launch({ browser: 'firefox', executablePath });
}
