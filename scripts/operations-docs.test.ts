import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { serverArguments } from '../packages/collector/src/cli/settings.ts';
import { readConfig } from '../packages/collector/src/config.ts';
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

/** What a collector looks at in its environment: as much as `readConfig` asks for, and what the commands read themselves. */
async function settings(): Promise<string[]> {
  const asked = new Set<string>();
  const env = new Proxy({} as NodeJS.ProcessEnv, {
    get: (_, name) => void asked.add(String(name)),
  });
  readConfig({}, env);
  const serve = await read('packages/collector/src/cli/serve.ts');
  for (const [, name = ''] of serve.matchAll(/process\.env\.(TURNOUT_\w+)/g)) asked.add(name);
  return [...asked].sort();
}

test('docs/operations.md lists every setting, the flags beside them, and what holds without', async () => {
  const table = /## Settings\n([\s\S]*?)\n## /.exec(await read('docs/operations.md'))?.[1] ?? '';
  const rows = [...table.matchAll(/^\| ?(.*?) ?\| ?(.*?) ?\| ?(.*?) ?\| /gm)];
  const named = (column: number, name: RegExp) =>
    rows.flatMap((row) => [...(row[column] ?? '').matchAll(name)].map(([, one]) => one ?? '')).sort();
  const defaultOf = (name: string) => rows.find(([, , names]) => names?.includes(`\`${name}\``))?.[3];

  expect(named(2, /`(TURNOUT_\w+)`/g)).toEqual(await settings());
  expect(named(1, /`--([\w-]+)`/g)).toEqual(Object.keys(serverArguments).sort());
  const { port, sqlPort, host, dataDir, collectors, trustedProxies, addressRate, drainMs, maxLogBytes } =
    readConfig({}, {});
  expect([defaultOf('TURNOUT_PORT'), defaultOf('TURNOUT_SQL_PORT')]).toEqual([`${port}`, `${sqlPort}`]);
  expect([defaultOf('TURNOUT_HOST'), defaultOf('TURNOUT_DATA_DIR')]).toEqual([host, `\`${dataDir}\``]);
  expect([defaultOf('TURNOUT_COLLECTORS'), defaultOf('TURNOUT_TRUSTED_PROXIES')]).toEqual([
    `${collectors}`,
    `${trustedProxies}`,
  ]);
  expect([defaultOf('TURNOUT_ADDRESS_RATE'), defaultOf('TURNOUT_DRAIN_SECONDS')]).toEqual([
    `${addressRate}`,
    `${drainMs / 1_000}`,
  ]);
  expect(defaultOf('TURNOUT_LOG_MAX_BYTES')).toBe(`${maxLogBytes / 1024 ** 3} GiB`);
});

test('docs/edge.md names every binding of a worker', async () => {
  const bindings = [
    ...(await read('packages/collector/src/edge/bindings.ts')).matchAll(/^ {2}(TURNOUT_\w+)\?:/gm),
  ].map(([, name]) => name ?? '');
  const manual = await read('docs/edge.md');

  expect(bindings.length).toBeGreaterThan(8);
  expect(bindings.filter((name) => !manual.includes(`\`${name}\``))).toEqual([]);
});
