import { afterEach, expect, vi } from 'vitest';

/**
 * Fails a test that writes to the console unexpectedly.
 *
 * A test that expects a message replaces the method itself (`vi.spyOn(console, 'warn')`): the spy set
 * here then never sees the call.
 */
const METHODS = ['error', 'warn', 'info', 'log', 'debug'] as const;
const calls: string[] = [];

for (const method of METHODS) {
  const original = console[method].bind(console);
  console[method] = (...args: unknown[]) => {
    calls.push(`console.${method}(${args.map(String).join(', ')})`);
    original(...args);
  };
}

afterEach(() => {
  vi.restoreAllMocks();
  const unexpected = calls.splice(0);
  expect(unexpected, 'unexpected console output').toEqual([]);
});
