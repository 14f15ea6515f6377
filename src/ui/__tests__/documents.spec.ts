import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Widget } from '@lumino/widgets';

import { unsavedDocuments } from '../documents';

describe('unsavedDocuments()', () => {
  const shellWith = (...widgets: Widget[]) => {
    const shell: Partial<JupyterFrontEnd.IShell> = {
      widgets: () => widgets.values()
    };
    return shell as JupyterFrontEnd.IShell;
  };

  const documentWith = (context: unknown) =>
    Object.assign(new Widget(), { context });

  it('names each document with changes once, and nothing else', () => {
    const shell = shellWith(
      new Widget(),
      documentWith({ path: 'a.ipynb', model: { dirty: true } }),
      documentWith({ path: 'a.ipynb', model: { dirty: true } }),
      documentWith({ path: 'b.txt', model: { dirty: false } }),
      documentWith({})
    );
    expect(unsavedDocuments(shell)).toEqual(['a.ipynb']);
  });
});
