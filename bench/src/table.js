/** Rows of a Markdown table, as wide as their longest cells. */
export function markdownTable(head, rows) {
  const all = [head, ...rows].map(row => row.map(String));
  const widths = head.map((_, column) =>
    Math.max(...all.map(row => row[column].length))
  );
  const line = cells =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  const rule = widths.map(width => '-'.repeat(width));
  const [first, ...rest] = all;
  return [line(first), line(rule), ...rest.map(line)].join('\n');
}
