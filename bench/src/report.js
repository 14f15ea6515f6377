import { guardReport } from './guard-report.js';
import { median, spread } from './statistics.js';
import { markdownTable } from './table.js';

const BYTES_PER_KIB = 1024;

/** Everything that was found, as Markdown; pieces that were not measured are left out. */
export function report(kept) {
  const rowsOf = {
    throughput: throughputRows,
    latency: latencyRows,
    resume: resumeRows,
    holes: holeRows,
    bytes: bytesRows,
    memory: memoryRows,
    cpu: cpuRows
  };
  const rows = Object.entries(rowsOf).flatMap(([name, make]) =>
    kept[name] ? make(kept[name].figures) : []
  );
  const machines = new Set(Object.values(kept).map(({ machine }) => machine));
  return [
    ...[...machines].map(machine => `Measured ${machine}.\n`),
    `Load of the machine before each piece: ${loads(kept)}.\n`,
    'Medians; in brackets the lowest and the highest of all rounds.\n',
    markdownTable(['what', 'asked', 'reached', 'kept'], rows),
    '',
    ...(kept.guard ? guardReport(kept.guard.figures) : []),
    ...(kept.alternatives ? alternatives(kept.alternatives.figures) : [])
  ].join('\n');
}

function loads(kept) {
  return Object.entries(kept)
    .map(([name, { load }]) => `${name} ${load.toFixed(1)}`)
    .join(', ');
}

function row(what, asked, reached, kept) {
  return [what, asked, reached, kept === null ? '' : kept ? 'yes' : '**no**'];
}

function throughputRows({ one, many }) {
  const rates = ({ raw, session }) =>
    `${spread(session, 0)} beside ${spread(raw, 0)}`;
  return [
    row(
      'throughput, one record a turn, × the same handler without a session',
      '≥ 0.95',
      spread(one.ratio),
      median(one.ratio) >= 0.95
    ),
    row('records/s, of 100 B', '', rates(one), null),
    row(
      'throughput, 64 records a turn, ×',
      '≥ 4',
      spread(many.ratio),
      median(many.ratio) >= 4
    ),
    row('records/s, of 100 B', '', rates(many), null)
  ];
}

function latencyRows({ raw, session }) {
  const added = median(session) - median(raw);
  return [
    row(
      'round trip of one record, added, ms',
      '',
      `${added.toFixed(2)} (${median(session).toFixed(2)} beside ${median(raw).toFixed(2)})`,
      null
    )
  ];
}

function resumeRows(resume) {
  return Object.entries(resume).flatMap(([rtt, found]) =>
    Object.entries(found).map(([where, { times, plain }]) => {
      const limit = 2 * rtt + 10;
      return row(
        `request → next record at a round trip of ${rtt} ms, ${where}, ms`,
        `≤ ${limit}`,
        `${spread(times, 1)}; a plain WebSocket ${spread(plain, 1)}`,
        median(times) <= limit
      );
    })
  );
}

function holeRows(holes) {
  return Object.entries(holes).map(([kind, seconds]) =>
    row(
      `black hole ${kind}, idle → next record, s`,
      '≤ 9',
      spread(seconds, 1),
      Math.max(...seconds) <= 9
    )
  );
}

function bytesRows(bytes) {
  return Object.entries(bytes).flatMap(([perTurn, found]) => {
    const { data, heads, back, control } = found;
    const limit = perTurn >= 32 ? 1.1 : 5;
    return [
      row(
        `bytes of a frame beyond the payload, a record of 100 B, ${perTurn} a turn`,
        `≤ ${limit}`,
        `${data.toFixed(2)}; with the heads of the WebSocket ${(data + heads).toFixed(2)}`,
        data <= limit
      ),
      row(
        `acknowledgements of it that go back, ${perTurn} a turn`,
        '',
        `${back.toFixed(2)} (the other way ${control.toFixed(2)})`,
        null
      )
    ];
  });
}

function memoryRows({ raw, session }) {
  const kib = values => values.map(bytes => bytes / BYTES_PER_KIB);
  const added = kib(session.map((bytes, round) => bytes - raw[round]));
  return [
    row(
      'memory of an idle session above the same handler without, slope over 3,000, KiB',
      '≤ 4',
      `${spread(added, 1)} (${spread(kib(session), 1)} beside ${spread(kib(raw), 1)})`,
      median(added) <= 4
    )
  ];
}

/** What one round differs from another without a connection hides what a connection adds. */
function cpuRows({ without, connected }) {
  const percent = share => `${(share * 100).toFixed(3)} %`;
  return ['server', 'page'].map(where => {
    const idle = without.map(round => round[where]);
    const busy = connected.map(round => round[where]);
    const added = median(busy.map((share, round) => share - idle[round]));
    const resolution = Math.max(...idle) - Math.min(...idle);
    const reached =
      added > resolution ? percent(added) : `≤ ${percent(resolution)}`;
    return row(
      `processor of the ${where}, connected and idle, above itself without`,
      '≤ 0.1 %',
      `${reached} (${percent(median(busy))} beside ${percent(median(idle))})`,
      Math.max(added, resolution) <= 0.001
    );
  });
}

function alternatives(figures) {
  return [
    '## Beside what would be used instead',
    '',
    'Each with its defaults, client in Node.js; ours and the tornado WebSocket with a Jupyter server, the others with one in Node.js.',
    '× is beside the plain WebSocket of the same server (tornado or `ws`) in the same round.',
    '',
    markdownTable(
      [
        'what',
        'records/s, one a turn',
        '×',
        'records/s, 64 a turn',
        '×',
        'cut → next record, ms',
        'black hole → next record, s',
        'bytes beyond the payload'
      ],
      Object.entries(figures).map(([name, found]) =>
        alternativeRow(name, found, figures[found.plain])
      )
    ),
    ''
  ];
}

function alternativeRow(name, found, plain) {
  const ratios = kind => found[kind].map((rate, i) => rate / plain[kind][i]);
  return [
    name,
    spread(found.one, 0),
    spread(ratios('one')),
    spread(found.many, 0),
    spread(ratios('many')),
    times(found.cuts, 0),
    times(found.holes, 1),
    found.bytes.toFixed(1)
  ];
}

/** Times after which a client was back; `null` where it does not come back by itself. */
function times(values, digits) {
  if (!values) {
    return 'not by itself';
  }
  const back = values.filter(value => value !== null);
  const missing = values.length - back.length;
  const text = back.length ? spread(back, digits) : '';
  return missing
    ? `${text} not in a minute: ${missing} of ${values.length}`.trim()
    : text;
}
