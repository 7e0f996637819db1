import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { aDataDirWithTables, runTurnout, startCollector } from './collector.ts';

const TURNOUT = fileURLToPath(new URL('../packages/collector/bin/turnout.js', import.meta.url));
const LINES = 60_000;
/** Every thousandth line is no interaction. */
const BAD_EVERY = 1_000;
const RUNS = 12;

/** History of a year: each line with a position of its own, so that every single one can be missed. */
function history(): string {
  const begin = Date.now() - 300 * 86_400_000;
  return Array.from({ length: LINES }, (_, line) =>
    line % BAD_EVERY === 999
      ? `{"id":"l${line}","type":"teleport","visitor_id":"v1"`
      : JSON.stringify({
          id: `l${line}`,
          type: 'click',
          occurred_at: begin + line * 60_000,
          visitor_id: `v${line % 500}`,
          entity_type: 'event',
          entity_id: `e${line % 50}`,
          view_id: `line ${line}`,
        }),
  ).join('\n');
}

const progressOf = async (file: string) =>
  existsSync(`${file}.progress`)
    ? (JSON.parse(await readFile(`${file}.progress`, 'utf8')) as { number: number }).number
    : 0;

test.each(['history.ndjson', 'history.ndjson.gz'])(
  'stores every line of %s once, however often the import and the collector are killed',
  async (name) => {
    const { dataDir, remove } = await aDataDirWithTables();
    onTestFinished(remove);
    let collector = await startCollector(dataDir);
    onTestFinished(() => collector.kill());
    const file = join(dataDir, name);
    await writeFile(file, name.endsWith('.gz') ? gzipSync(history()) : history());

    for (let run = 1; run <= RUNS && (await progressOf(file)) < LINES; run += 1) {
      const before = await progressOf(file);
      const child = spawn(process.execPath, [TURNOUT, 'import', file, '--data-dir', dataDir], {
        stdio: 'ignore',
      });
      const ended = once(child, 'exit');
      await expect
        .poll(async () => child.exitCode !== null || (await progressOf(file)) > before, {
          timeout: 60_000,
          interval: 5,
        })
        .toBe(true);
      if (run === 3) {
        await collector.kill();
        collector = await startCollector(dataDir);
      } else child.kill('SIGKILL');
      await ended;
    }
    const { code, out } = await runTurnout(['import', file, '--data-dir', dataDir]);

    expect(code).toBe(0);
    expect(out).toContain(`${LINES} lines`);
    const good = LINES - LINES / BAD_EVERY;
    await expect
      .poll(
        () =>
          collector.query(
            'SELECT toUInt32(count()) AS rows, toUInt32(uniqExact(id)) AS ids, toUInt32(uniqExact(view_id)) AS lines FROM interactions',
          ),
        { timeout: 60_000 },
      )
      .toEqual([{ rows: good, ids: good, lines: good }]);
    const rejected = (await readFile(`${file}.rejected.ndjson`, 'utf8')).trimEnd().split('\n');
    expect(rejected.map((line) => (JSON.parse(line) as { line: number }).line)).toEqual(
      Array.from({ length: LINES / BAD_EVERY }, (_, bad) => (bad + 1) * BAD_EVERY),
    );
    const { out: again } = await runTurnout(['import', file, '--data-dir', dataDir]);
    expect(again).toContain(`${LINES} lines, 0 of them now: ${good} interactions accepted, 60 rejected.`);
    // Even when nobody remembers that it was imported, the same file counts once.
    await rm(`${file}.progress`);
    expect((await runTurnout(['import', file, '--data-dir', dataDir])).out).toContain(
      `${good} interactions accepted`,
    );
    const { code: verified } = await runTurnout(['verify', '--data-dir', dataDir]);
    expect(verified).toBe(0);
    expect(await collector.query('SELECT toUInt32(count()) AS rows FROM interactions')).toEqual([
      { rows: good },
    ]);
  },
  180_000,
);

test('an import says what is odd, and goes on where that is safe', async () => {
  const { dataDir, remove } = await aDataDirWithTables();
  onTestFinished(remove);
  const collector = await startCollector(dataDir);
  onTestFinished(() => collector.kill());
  const file = join(dataDir, 'some.ndjson');
  await writeFile(file, `${history().split('\n').slice(990, 1_010).join('\n')}\n`);
  const run = () => runTurnout(['import', file, '--data-dir', dataDir]);
  expect((await run()).out).toContain('19 interactions accepted, 1 rejected.');

  for (const odd of ['null', '{"what":{}}', 'not JSON', '{"what":{"into":""},"end":-1}']) {
    await writeFile(`${file}.progress`, odd);
    const again = await run();
    expect(again.err, odd).toContain(
      'does not say how far an import came, so the file is read from its beginning',
    );
    expect(again.out, odd).toContain('19 interactions accepted, 1 rejected.');
  }
  // Somebody tidied up, and the file has grown.
  await rm(`${file}.rejected.ndjson`);
  await writeFile(file, `${await readFile(file, 'utf8')}{"id":"more"\n`);
  const grown = await run();

  expect(grown.err).toContain('is shorter than an earlier run left it');
  const reasons = (await readFile(`${file}.rejected.ndjson`, 'utf8')).trimEnd().split('\n');
  expect(reasons.map((line) => JSON.parse(line).line)).toEqual([21]);
  await expect
    .poll(() =>
      collector.query('SELECT toInt32(count()) AS rows, toInt32(uniqExact(id)) AS ids FROM interactions'),
    )
    .toEqual([{ rows: 19, ids: 19 }]);
});

test('an import asks for which site it is, where there are several', async () => {
  const { dataDir, remove } = await aDataDirWithTables();
  onTestFinished(remove);
  const sites = join(dataDir, 'sites.json');
  const aSite = (id: string, write_keys: unknown[]) => ({
    id,
    time_zone: 'UTC',
    currency: 'GBP',
    write_keys,
    origins: [],
  });
  const file = join(dataDir, 'some.ndjson');
  await writeFile(file, '{}');
  const run = async (...entries: object[]) => {
    await writeFile(sites, JSON.stringify({ sites: entries }));
    return runTurnout(['import', file, '--data-dir', dataDir], { TURNOUT_SITES: sites });
  };

  const revoked = { key: 'wk_revoked', revoked: true };
  const several = await run(aSite('club', [revoked, 'wk_club']), aSite('venue', ['wk_venue']));
  const none = await run(aSite('club', [revoked]));

  expect(several).toMatchObject({ code: 1 });
  expect(several.err).toContain(
    'Say for which site, by one of its write keys: --key wk_club (club), --key wk_venue (venue).',
  );
  expect(none).toMatchObject({ code: 1 });
  expect(none.err).toContain('No site has a write key that is in use.');
});
