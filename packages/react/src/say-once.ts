/// <reference path="./node-env.d.ts" />

const said = new Set<string>();

/**
 * Tells a developer, once per page, what to repair.
 *
 * Callers ask for `process.env.NODE_ENV` themselves: bundlers replace it, as they do for React itself, and the text
 * stays out of production.
 */
export function sayOnce(level: 'warn' | 'error', message: string): void {
  if (said.has(message)) return;
  said.add(message);
  console[level](`[turnout] ${message}`);
}
