// Bundlers replace this expression, as they do for React itself; there is no `process` in a browser.
declare const process: { env: { NODE_ENV?: string } };

const said = new Set<string>();

/** Tells a developer, once per page, what to repair. Production builds say nothing. */
export function sayOnce(level: 'warn' | 'error', message: string): void {
  if (process.env.NODE_ENV === 'production' || said.has(message)) return;
  said.add(message);
  console[level](`[turnout] ${message}`);
}
