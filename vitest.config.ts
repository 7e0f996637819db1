import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { playwright } from '@vitest/browser-playwright';
import { defaultClientConditions, defaultServerConditions } from 'vite';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';
import { chromiumLaunch } from './scripts/chromium.ts';
import { LongestFirst } from './scripts/longest-first.ts';

const source = '@turnout/source';
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const chromium = (
  name: string,
  version: string,
  include: string[],
  react?: string,
): TestProjectConfiguration => ({
  publicDir: at('./test/public'), // msw's service worker
  resolve: {
    conditions: [source, ...defaultClientConditions],
    alias: react
      ? [{ find: /^(react|react-dom)(?=$|\/)/, replacement: at(`./matrix/${react}/node_modules/$1`) }]
      : [],
  },
  test: {
    name,
    include,
    provide: { react: version },
    setupFiles: [at('./test/no-console.ts')],
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: chromiumLaunch }),
      instances: [{ browser: 'chromium' }],
    },
  },
});

export default defineConfig({
  test: {
    // Two even where there are two cores: files that drive a browser or a process mostly wait. Three take as long there,
    // and each test nearer to its time: the simulation takes all it can get.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    sequence: { sequencer: LongestFirst },
    globalSetup: [at('./scripts/folder-of-run.ts')],
    reporters: ['default', './scripts/last-line-reporter.mjs'],
    projects: [
      {
        ssr: { resolve: { conditions: [source, ...defaultServerConditions] } },
        test: {
          name: 'node',
          // One engine a process: chdb opens a single data directory per process.
          pool: 'forks',
          // The simulation makes much that is gone at once: with more room for what is young less of it is copied. And
          // threads that collect garbage beside each other wait for one another where other files take the cores.
          execArgv: ['--max-semi-space-size=32', '--single-threaded-gc'],
          include: [
            'packages/*/src/**/*.test.{ts,tsx}',
            'scripts/**/*.test.ts',
            'e2e/simulation/**/*.test.ts',
          ],
          exclude: ['**/*.chromium.test.*'],
          setupFiles: [at('./test/no-console.ts')],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      chromium('chromium', '19.3', ['packages/*/src/**/*.chromium.test.{ts,tsx}']),
      chromium('react-19.0', '19.0', ['packages/react/src/**/*.chromium.test.tsx'], 'react-19-0'),
      chromium('react-18', '18.3', ['packages/react/src/**/*.chromium.test.tsx'], 'react-18'),
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.e2e.test.ts'],
          // What is waited for takes seconds, and each look at it is a query that takes its time from the others.
          expect: { poll: { interval: 250, timeout: 60_000 } },
          pool: 'forks',
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
