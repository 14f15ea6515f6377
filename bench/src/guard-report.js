import { median, ratios, spread } from './statistics.js';
import { markdownTable } from './table.js';

/** What the guard costs, as Markdown. */
export function guardReport({ found, resumes, states }) {
  return [
    '## What the guard costs',
    '',
    'Beside a socket of its own to the same handler. Meanwhile the session was resumed ' +
      `${resumes === 1 ? 'once' : `${resumes} times`}; the page told: ${states.join(', ')}.`,
    '',
    markdownTable(
      ['what', 'a socket', 'guarded', '×', 'asked', 'kept'],
      found.flatMap(rows)
    ),
    ''
  ];
}

function rows({ name, unit, asked, beside, ...values }) {
  const all = [row(name, unit, asked, values)];
  if (beside) {
    all.push(row('longest round trip of others meanwhile', 'ms', '', beside));
  }
  return all;
}

function row(name, unit, asked, values) {
  const [native, guarded] = [median(values.native), median(values.guarded)];
  const show = value => `${digits(value)} ${unit}`.trim();
  const isRatio = values.native.length > 1;
  return [
    name,
    show(native),
    show(guarded),
    isRatio ? spread(ratios(values)) : '',
    asked,
    asked && (isKept(asked, values) ? 'yes' : '**no**')
  ];
}

/** What is asked: of what is added, of the ratio, or of what is guarded alone. */
function isKept(asked, values) {
  const [, added, sign, bound, unit] = /^(\+ )?([≤≥]?) ?([\d.]+)(.*)/.exec(
    asked
  );
  const guarded = median(values.guarded);
  const value = added
    ? guarded - median(values.native)
    : unit || !sign
      ? guarded
      : median(ratios(values));
  // As it is shown: a descriptor more that is no socket's says nothing of a thousand.
  const shown = Number(value.toFixed(2));
  return sign === '≥' ? shown >= bound : shown <= bound;
}

function digits(value) {
  return value >= 1000
    ? Math.round(value).toString()
    : value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}
