import { readdirSync, readFileSync } from 'fs';
import { join } from 'path';
import * as ts from 'typescript';

/** A text that people read. */
export interface ISourceText {
  readonly text: string;
  readonly plural: boolean;
}

/** Every text in the source and in the schema. */
export function textsOfSource(): ISourceText[] {
  const found = new Map<string, ISourceText>();
  const add = (text: string, plural = false) =>
    found.set(text, { text, plural });
  for (const file of sources('src')) {
    collect(file, add);
  }
  const schema = JSON.parse(readFileSync('schema/plugin.json', 'utf8'));
  for (const { title, description } of [
    schema,
    ...Object.values<{ title: string; description: string }>(schema.properties)
  ]) {
    add(title);
    add(description);
  }
  return [...found.values()];
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      return entry.name === '__tests__' ? [] : sources(path);
    }
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

function collect(
  file: string,
  add: (text: string, plural?: boolean) => void
): void {
  const text = readFileSync(file, 'utf8');
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const { expression } = node;
      const [first] = node.arguments;
      if (
        ts.isPropertyAccessExpression(expression) &&
        /^(__|_n)$/.test(expression.name.text) &&
        first &&
        ts.isStringLiteralLike(first)
      ) {
        add(first.text, expression.name.text === '_n');
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
}
