import { afterAll, beforeAll, expect, test } from 'vitest';
import { aDataDirWithTables, type RunningCollector, startCollector } from '../collector.ts';
import { deliver } from './deliver.ts';
import { scenarios } from './scenarios.ts';

/** Long enough for several attempts of the SDK; the soak takes 10 s. */
const WINDOW_MS = 3_000;

let collector: RunningCollector;
let remove: () => Promise<void>;
beforeAll(async () => {
  const folder = await aDataDirWithTables();
  remove = folder.remove;
  collector = await startCollector(folder.dataDir);
});
afterAll(async () => {
  await collector?.kill();
  await remove?.();
});

test.concurrent.each(scenarios)(
  'loses and doubles nothing: $name',
  async (scenario) => {
    const { sent, lost, doubled, rollups, verified } = await deliver(scenario, collector, WINDOW_MS);

    expect(sent).toBeGreaterThan(0);
    expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
    for (const { name, counted, inRaw } of rollups) expect({ [name]: counted }).toEqual({ [name]: inRaw });
    expect(verified).toMatchObject({
      code: 0,
      out: expect.stringContaining('Every rollup equals its recount from raw.'),
    });
  },
  120_000,
);
