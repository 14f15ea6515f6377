import type { FullResult, Reporter, TestCase } from '@playwright/test/reporter';

/** Prints what was seen as a table. */
class Table implements Reporter {
  onTestEnd(test: TestCase): void {
    for (const { type, description } of test.annotations) {
      if (type === 'cell') {
        const [name, fault, guard, seen] = JSON.parse(description!);
        const row = `| ${name} | ${fault} `;
        const cells = this._rows.get(row) ?? { off: '', on: '' };
        this._rows.set(row, { ...cells, [guard]: seen });
        console.log(`${row}| guard ${guard} | ${seen} |`);
      }
    }
  }

  onEnd(_: FullResult): void {
    console.log('\n| extension | fault | without the guard | with it |');
    console.log('| --- | --- | --- | --- |');
    for (const [row, { off, on }] of this._rows) {
      console.log(`${row}| ${off} | ${on} |`);
    }
    console.log('\nIn brackets: real sockets of AI before the fault.');
  }

  private readonly _rows = new Map<string, { off: string; on: string }>();
}

export default Table;
