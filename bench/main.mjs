#!/usr/bin/env node
/**
 * `npm run bench -- <name> [options]`: measures, and prints a table. Without a name: all of them.
 *
 * Vite reads the TypeScript here; Node alone does not before version 22.
 */
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const BENCHES = {
  size: './size/bench.ts',
  cost: './cost/bench.ts',
  data: './data/bench.ts',
  delivery: './delivery/bench.ts',
  ingest: './ingest/bench.ts',
};
/** Too long to be among all. */
const SOAKS = { soak: './ingest/soak.ts' };

const [name, ...args] = process.argv.slice(2);
const chosen = name === undefined ? Object.keys(BENCHES) : [name];
for (const bench of chosen) {
  const path = { ...BENCHES, ...SOAKS }[bench];
  if (!path) {
    console.error(`There is no bench "${bench}". Choose one of: ${Object.keys(BENCHES).join(', ')}.`);
    process.exit(1);
  }
  const { module } = await runnerImport(fileURLToPath(new URL(path, import.meta.url)));
  await module.run(args);
}
