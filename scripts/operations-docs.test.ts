import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createMetrics } from '../packages/collector/src/metrics.ts';

const read = (path: string) => readFile(new URL(`../${path}`, import.meta.url), 'utf8');

/** `name → type` of what a collector tells about itself. */
async function metrics(): Promise<Record<string, string>> {
  const none = () => 0;
  const text = await createMetrics({
    logBytes: none,
    logLimitBytes: none,
    reserveBytes: none,
    logAgeSeconds: none,
    engineRestarts: none,
    enginePid: none,
    damagedSegments: none,
    detachedParts: async () => 0,
    longestQuerySeconds: async () => 0,
  }).render();
  const types = [...text.matchAll(/^# TYPE (turnout_\w+) (\w+)$/gm)];
  return Object.fromEntries(types.map(([, name, type]) => [name, type]));
}

test('docs/operations.md lists every figure of /metrics, each with its type', async () => {
  const rows = [
    ...(await read('docs/operations.md')).matchAll(/^\| `(turnout_\w+)(?:\{[\w,]+\})?` \| (\w+) \|/gm),
  ];

  expect(Object.fromEntries(rows.map(([, name, type]) => [name, type]))).toEqual(await metrics());
});

test('figures that only grow end in _total, and no other does', async () => {
  for (const [name, type] of Object.entries(await metrics()))
    expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
});

test('docs/alerts.yml asks for figures that exist, and says of each alert how bad it is and what to do', async () => {
  const text = (await read('docs/alerts.yml')).replace(/^\s*#.*$/gm, '');
  const known = await metrics();
  const alerts = text.split(/^ {6}- alert: /m).slice(1);

  expect(alerts.length).toBeGreaterThan(8);
  for (const alert of alerts) {
    const name = alert.slice(0, alert.indexOf('\n'));
    const expr = /expr: (.*?)\n {8}(?:for|labels):/s.exec(alert)?.[1] ?? '';
    const asked = expr.match(/turnout_\w+/g) ?? [];
    expect([name, asked.filter((one) => !(one in known))]).toEqual([name, []]);
    expect([name, asked.length > 0 || expr.startsWith('up{')]).toEqual([name, true]);
    expect(alert).toMatch(
      /labels: \{ severity: (warning|critical) \}\n {8}annotations: \{ summary: '[^']+' \}/,
    );
  }
});
