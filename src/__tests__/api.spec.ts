import { readFileSync } from 'fs';
import * as ts from 'typescript';

/** The part of the page that is about the page. */
const [page] = readFileSync('docs/reference/api.md', 'utf8').split(
  '\n## On the server\n'
);

/** The interfaces of a file, each with its members. */
function interfacesOf(file: string): [name: string, members: string[]][] {
  const text = readFileSync(file, 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  return source.statements
    .filter(each => ts.isInterfaceDeclaration(each))
    .map(({ name, members }) => [
      name.text,
      members.map(each => (each.name as ts.Identifier).text)
    ]);
}

describe('docs/reference/api.md', () => {
  // The settings have a page of their own.
  const told = interfacesOf('src/tokens.ts').filter(
    ([name]) => name !== 'IConnectionSettings'
  );

  it.each(told)('tells of every member of %s', (_, members) => {
    for (const member of members) {
      expect(page).toMatch(new RegExp(`\`${member}[\`(]`));
    }
  });

  it('tells of every error', () => {
    const exported = readFileSync('src/connection/errors.ts', 'utf8');
    const errors = new Set(exported.match(/\b[A-Z]\w+Error\b/g));
    expect(errors.size).toBeGreaterThan(5);
    for (const error of errors) {
      expect(page).toContain(`\`${error}\``);
    }
  });
});
