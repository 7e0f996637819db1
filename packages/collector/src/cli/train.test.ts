import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { anEngineForThisFile } from '../testing/engine.ts';
import { aFoundCollector } from '../testing/found-collector.ts';

const { engine, database } = anEngineForThisFile();
const TURNOUT = fileURLToPath(new URL('../../bin/turnout.js', import.meta.url));

test('trains in the collector that runs on the data directory, and shows its progress', async () => {
  const { collector, dataDir } = await aFoundCollector(engine());
  const { url, adminToken } = collector;
  await database().command(
    `INSERT INTO turnout.interactions (site_id, id, ts, received_at, type, user_key)
     SELECT 'demo', generateUUIDv4(), now64(3) - INTERVAL 9 DAY, now64(3), 'click', number FROM numbers(50)`,
  );

  const child = spawn(process.execPath, [TURNOUT, 'train', '--data-dir', dataDir]);
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));

  expect(err).toBe(
    [1, 2, 3, 4, 5]
      .map((step) => `gathering: ${step} of 5\n`)
      .join('')
      .concat('fitting: 1 of 1\n'),
  );
  // A site so young that it has people to test on and none to learn from.
  expect(code).toBe(0);
  expect(out).toContain('demo: not published: 0 purchasers are too few');
  expect(out).toContain('tested on 50 people');
  const wrong = await fetch(`${url}/v1/admin/train?days=0`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${adminToken}` },
  });
  expect(wrong.status).toBe(400);
});
