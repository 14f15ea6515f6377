import { median, spread } from './statistics.js';
import { markdownTable } from './table.js';

const BYTES_PER_KIB = 1024;

/** Everything that was found, as Markdown. */
export function report(found) {
  return [
    '# Results',
    '',
    `${found.machine}.`,
    '',
    'Medians; in brackets the lowest and the highest of the rounds.',
    '',
    markdownTable(
      ['what', 'asked', 'reached', 'kept'],
      [
        ...throughputRows(found),
        ...resumeRows(found),
        ...holeRows(found),
        ...bytesRows(found),
        ...idleRows(found)
      ]
    ),
    '',
    '## Beside what would be used instead',
    '',
    'Node.js at both ends but for ours, whose server is Jupyter; each with its defaults.',
    '',
    markdownTable(
      [
        'what',
        'records/s, one a turn',
        'cut → next record, ms',
        'black hole → next record, s',
        'bytes beyond the payload'
      ],
      rivalRows(found)
    ),
    ''
  ].join('\n');
}

function row(what, asked, reached, kept) {
  return [what, asked, reached, kept === null ? '' : kept ? 'yes' : '**no**'];
}

function throughputRows({ throughput: { one, many }, latency }) {
  const added = median(latency.session) - median(latency.raw);
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
    row('records/s, of 100 B', '', rates(many), null),
    row(
      'round trip of one record, added, ms',
      '',
      `${added.toFixed(2)} (${median(latency.session).toFixed(2)} beside ${median(latency.raw).toFixed(2)})`,
      null
    )
  ];
}

function resumeRows({ resume }) {
  return Object.entries(resume).flatMap(([rtt, times]) =>
    Object.entries(times).map(([where, values]) => {
      const limit = 2 * rtt + 10;
      return row(
        `request → next record at ${rtt} ms, ${where}, ms`,
        `≤ ${limit}`,
        spread(values, 1),
        median(values) <= limit
      );
    })
  );
}

function holeRows({ holes }) {
  return Object.entries(holes).map(([kind, seconds]) =>
    row(
      `black hole ${kind}, idle → next record, s`,
      '≤ 9',
      spread(seconds, 1),
      Math.max(...seconds) <= 9
    )
  );
}

function bytesRows({ bytes }) {
  return Object.entries(bytes).map(([perTurn, value]) => {
    const limit = perTurn >= 32 ? 1.1 : 5;
    return row(
      `bytes beyond the payload of 100 B, ${perTurn} a turn`,
      `≤ ${limit}`,
      value.toFixed(2),
      value <= limit
    );
  });
}

function idleRows({ memory, cpu }) {
  const kib = bytes => bytes / BYTES_PER_KIB;
  const added = kib(memory.session - memory.raw);
  const percent = share => `${(share * 100).toFixed(3)} %`;
  return [
    row(
      'memory of an idle session above the same handler, slope over 3,000, KiB',
      '≤ 4',
      `${added.toFixed(1)} (${kib(memory.session).toFixed(1)} beside ${kib(memory.raw).toFixed(1)})`,
      added <= 4
    ),
    row(
      'processor of the server, connected and idle, above without',
      '≤ 0.1 %',
      `${percent(cpu.server)} (${percent(cpu.serverWithout)} without)`,
      cpu.server <= 0.001
    ),
    row(
      'processor of the page, connected and idle, above without',
      '≤ 0.1 %',
      `${percent(cpu.page)} (${percent(cpu.pageWithout)} without)`,
      cpu.page <= 0.001
    )
  ];
}

function rivalRows(found) {
  const { rivals, throughput, cuts, holes, bytes } = found;
  const ours = [
    'jupyter_ai_ws',
    spread(throughput.one.session, 0),
    spread(cuts, 0),
    spread(holes['both ways'], 1),
    bytes[1].toFixed(1)
  ];
  const finite = (values, digits) =>
    values.every(Number.isFinite) ? spread(values, digits) : 'never';
  const others = [...rivals.throughput].map(([name, rates]) => [
    name,
    spread(rates, 0),
    finite(rivals.resume.get(name), 0),
    finite([rivals.holes.get(name)], 1),
    rivals.bytes.get(name).toFixed(1)
  ]);
  return [ours, ...others];
}
