/** Aborted at Ctrl-C or SIGTERM, so that a command can release its locks; a second signal ends it immediately. */
export function interruption(doing = 'releasing locks'): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      console.error(`interrupted; ${doing}`);
      controller.abort(new Error('interrupted; run the same command again'));
    });
  }
  return controller.signal;
}
