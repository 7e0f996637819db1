#!/usr/bin/env node
/**
 * `npm run soak:delivery`: every scenario many times over, with faults of full length.
 *
 * Vite reads the TypeScript here, so that the scenarios are the very files of the test.
 */
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const { module } = await runnerImport(fileURLToPath(new URL('./soak.ts', import.meta.url)));
process.exitCode = await module.soak(process.argv.slice(2));
