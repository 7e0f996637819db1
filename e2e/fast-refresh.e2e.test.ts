import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { createServer, defaultClientConditions } from 'vite';
import { expect, onTestFinished, test } from 'vitest';
import { aBrowserForThisFile } from './browser.ts';
import { aDataDirWithTables, startCollector } from './collector.ts';

const { openContext } = aBrowserForThisFile();
const ROOT = fileURLToPath(new URL('..', import.meta.url));

const PAGE =
  '<!doctype html><link rel="icon" href="data:," /><div id="root"></div><script type="module" src="/main.tsx"></script>';
const MAIN = `
import { TrackingProvider, TrackPageviews } from '@turnout/react';
import { createTracker } from '@turnout/sdk';
import { createRoot } from 'react-dom/client';
import { StrictMode } from 'react';
import { App } from './app.tsx';

const tracker = createTracker({ key: 'wk_demo', pageViews: false, flushAfterMs: 500 });
createRoot(document.getElementById('root')!).render(
  <StrictMode><TrackingProvider tracker={tracker}><TrackPageviews /><App /></TrackingProvider></StrictMode>,
);
`;
const APP = `
import { Track, TrackList, useExperiment, useFunnel, useImpression, useScrollDepth, useViewDuration } from '@turnout/react';
import { useEffect, useState } from 'react';

export function App() {
  const [count, setCount] = useState(0);
  const { variant } = useExperiment('hero', { variants: ['a', 'b'], fallback: 'a' });
  const funnel = useFunnel('ticket', { entity: 'event:1', steps: ['details'] });
  const aside = useImpression({ entity: 'ad:1' });
  useEffect(() => funnel.step('details'), [funnel]);
  useViewDuration({ entity: 'venue:1', surface: 'page' });
  useScrollDepth({ list: 'feed' });
  return (
    <TrackList id="feed" surface="feed">
      <Track entity="event:1" impression click duration props={{ version: 'zero' }}>
        <button onClick={() => setCount(count + 1)}>zero {count}</button>
      </Track>
      <Track entity="event:2" impression={{ ms: 3000 }}><p>slow {variant}</p></Track>
      <aside ref={aside}>aside</aside>
    </TrackList>
  );
}
`;

/** Vite's own server for an app in a folder of its own, in front of a collector. */
async function anAppInDevelopment(collectorUrl: string) {
  const root = await mkdtemp(join(tmpdir(), 'turnout-refresh-'));
  onTestFinished(() => rm(root, { recursive: true, force: true, maxRetries: 5 }));
  const app = join(root, 'app.tsx');
  await Promise.all([
    symlink(join(ROOT, 'node_modules'), join(root, 'node_modules')),
    writeFile(join(root, 'index.html'), PAGE),
    writeFile(join(root, 'main.tsx'), MAIN),
    writeFile(app, APP),
  ]);
  const server = await createServer({
    root,
    configFile: false,
    logLevel: 'silent',
    cacheDir: join(root, '.vite'),
    plugins: [react()],
    resolve: { conditions: ['@turnout/source', ...defaultClientConditions] },
    server: { port: 0, host: '127.0.0.1', fs: { allow: [ROOT, root] }, proxy: { '/v1': collectorUrl } },
  });
  onTestFinished(() => server.close());
  await server.listen();
  return {
    url: server.resolvedUrls?.local[0] ?? '',
    async edit(from: string, to: string) {
      await writeFile(app, (await readFile(app, 'utf8')).replaceAll(from, to));
    },
  };
}

test('Fast Refresh of Vite counts nothing twice, keeps what runs, and tells the new props', async () => {
  const { dataDir, remove } = await aDataDirWithTables();
  onTestFinished(remove);
  const collector = await startCollector(dataDir);
  onTestFinished(() => collector.kill());
  const { url, edit } = await anAppInDevelopment(collector.url);
  const page = await (await openContext()).newPage();
  const told: string[] = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && told.push(message.text()));
  const rows = (where: string) =>
    collector.query<{ type: string; entity: string; version: string }>(
      `SELECT type, concat(entity_type, ':', entity_id) AS entity, toString(props.version) AS version
       FROM interactions WHERE ${where} AND entity_type != 'page' ORDER BY occurred_at, id`,
    );

  await page.goto(url);
  // At once, in the second that the impressions take; a state that is kept shows that nothing was reloaded.
  await page.getByRole('button', { name: 'zero 0' }).click();
  let count = 1;
  for (const [from, to] of [
    ['zero', 'one'],
    ['one', 'two'],
    ['two', 'three'],
  ] as const) {
    await edit(from, to);
    await page.getByRole('button', { name: `${to} ${count}` }).click();
    count++;
  }
  await expect.poll(async () => (await rows(`type = 'impression'`)).length, { timeout: 60_000 }).toBe(3);
  await edit('three', 'four');
  await page.getByRole('button', { name: `four ${count}` }).click();
  await expect.poll(async () => (await rows(`type = 'click'`)).length, { timeout: 60_000 }).toBe(5);

  expect((await rows(`type = 'click'`)).map(({ version }) => version)).toEqual([
    'zero',
    'one',
    'two',
    'three',
    'four',
  ]);
  expect((await rows(`type = 'impression'`)).map(({ entity }) => entity).sort()).toEqual([
    'ad:1',
    'event:1',
    'event:2',
  ]);
  expect((await rows(`type = 'view' AND part = 0`)).map(({ entity }) => entity).sort()).toEqual([
    'event:1',
    'venue:1',
  ]);
  // Whatever parts there were meanwhile, none of them ended a view.
  expect(await rows(`type = 'view' AND toString(props.end_reason) IN ('unmount', 'close')`)).toEqual([]);
  for (const type of ['served', 'exposure', 'funnel_step']) {
    expect(await rows(`type = '${type}'`), type).toHaveLength(1);
  }
  expect(await collector.query(`SELECT id FROM interactions WHERE type = 'page_view'`)).toHaveLength(1);
  expect(told).toEqual([]);
}, 90_000);
