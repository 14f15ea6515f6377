import type { JupyterFrontEnd } from '@jupyterlab/application';

/**
 * Name the open documents with unsaved changes.
 *
 * @param shell - Where documents are open.
 *
 * #### Notes
 * Asks each widget what any document has, so that nothing of the document
 * manager is needed.
 */
export function unsavedDocuments(shell: JupyterFrontEnd.IShell): string[] {
  const names = new Set<string>();
  for (const widget of shell.widgets('main')) {
    const { context } = widget as { context?: IContextLike };
    if (context?.model?.dirty === true) {
      names.add(context.path ?? widget.title.label);
    }
  }
  return [...names];
}

/** What the context of a document has, among other things. */
interface IContextLike {
  readonly path?: string;
  readonly model?: { readonly dirty?: boolean };
}
