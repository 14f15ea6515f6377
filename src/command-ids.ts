/** The commands of this package. */
export const CommandIDs = {
  /** Put a report on the clipboard. */
  copyReport: 'jupyter-ai-ws:copy-report',
  /** Try to reconnect now. */
  reconnect: 'jupyter-ai-ws:reconnect',
  /** Stream records through the connection while cutting it. */
  runSelfTest: 'jupyter-ai-ws:run-self-test',
  /** Show what is known of the connection. */
  showStatus: 'jupyter-ai-ws:show-status'
} as const;
