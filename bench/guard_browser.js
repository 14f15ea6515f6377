/**
 * Measures what the guard costs in Chromium: `node bench/guard_browser.js [ROUNDS [WORD ...]]`.
 *
 * Of the figures those that have one of the words in their name. Rounds are interleaved;
 * medians are shown, in brackets the lowest and highest ratio within a round.
 *
 * Wants what `scripts/test` and `bench/run` want, and a front end that was built.
 */
import { BROWSER_FIGURES, measureInBrowser } from './src/guard-browser.js';
import { median, ratios, spread } from './src/statistics.js';

const [rounds = 7, ...words] = process.argv
  .slice(2)
  .map(each => (isNaN(each) ? each : Number(each)));
const figures = BROWSER_FIGURES.filter(
  ({ name }) => !words.length || words.some(word => name.includes(word))
);
const { found, resumes, states } = await measureInBrowser(rounds, figures);
const show = (name, unit, values, asked) =>
  console.log(
    `${name.padEnd(34)} native ${median(values.native).toFixed(2)} ${unit}, ` +
      `guarded ${median(values.guarded).toFixed(2)} ${unit}, ` +
      `× ${spread(ratios(values))}${asked}`
  );
for (const { name, unit, asked, beside, ...values } of found) {
  show(name, unit, values, `, asked ${asked}`);
  if (beside) {
    show('  longest round trip beside it', 'ms', beside, '');
  }
}
console.log(
  `the session was resumed ${resumes} times, states seen: ${states.join(', ')}`
);
