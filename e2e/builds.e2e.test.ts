import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const SCRIPT = `
  const { createTracker } = require('@turnout/sdk');
  const tracker = createTracker({ key: 'wk_demo', endpoint: 'https://stats.example.com', debug: true });
  tracker.track('click');
  const names = Object.keys(require.cache).map((path) => path.split(/[\\\\/]/).at(-1));
  console.log(JSON.stringify({ names, consent: tracker.consent.status() }));
`;

test('keeps what only developers read out of the scripts', async () => {
  const read = (name: string) => readFile(new URL(`../packages/sdk/dist/${name}`, import.meta.url), 'utf8');
  const [script, everything, panel] = await Promise.all(['t.js', 't-all.js', 't-debug.js'].map(read));

  for (const words of ['did you mean', 'should carry', 'attachShadow']) {
    expect(script).not.toContain(words);
    expect(everything).not.toContain(words);
  }
  expect(panel).toContain('did you mean');
  expect(panel).toContain('attachShadow');
});

test('leaves the debug panel and web-vitals in files of their own, also for require()', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', SCRIPT], {
    cwd: import.meta.dirname,
  });

  const { names, consent } = JSON.parse(stdout) as { names: string[]; consent: string };
  expect(consent).toBe('granted');
  expect(names).toContain('index.cjs');
  expect(names.filter((name) => /^(panel|web-vitals)/.test(name))).toEqual([]);
  const source = await promisify(execFile)(process.execPath, [
    '-e',
    `process.stdout.write(require('fs').readFileSync(require.resolve('@turnout/sdk'), 'utf8'))`,
  ]);
  expect(source.stdout).toMatch(/require\("\.\/panel-\w+\.cjs"\)/);
  expect(source.stdout).not.toContain('attachShadow');
});
