import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { anEngineForThisFile } from '../testing/engine.ts';
import { aFoundCollector } from '../testing/found-collector.ts';
import { aFolder } from '../testing/temporary.ts';

const { engine } = anEngineForThisFile();
const TURNOUT = fileURLToPath(new URL('../../bin/turnout.js', import.meta.url));

/** `turnout tail`, and what it has said so far. */
function aTail(dataDir: string, ...flags: string[]) {
  const child = spawn(process.execPath, [TURNOUT, 'tail', '--data-dir', dataDir, ...flags]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text;
  });
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  const watches = () => expect.poll(() => said.err, { timeout: 30_000 }).toContain('Watching http://');
  return { said, code, watches };
}

test('shows what arrives and why something is rejected, until the collector stops', async () => {
  const { collector, dataDir } = await aFoundCollector(engine());
  const { url } = collector;
  const all = aTail(dataDir);
  const rejected = aTail(dataDir, '--rejected', '--json', '--site', 'demo');
  const others = aTail(dataDir, '--site', 'elsewhere');
  await Promise.all([all.watches(), rejected.watches(), others.watches()]);

  const at = { occurred_at: Date.now() };
  const like = { ...at, id: randomUUID(), type: 'like', entity_type: 'event', entity_id: '42\u001b[31m' };
  const answer = await fetch(`${url}/v1/interactions?key=wk_demo&attempt=1`, {
    method: 'POST',
    body: JSON.stringify({
      batch_id: randomUUID(),
      visitor_id: 'v',
      session_id: randomUUID(),
      interactions: [like, { ...at, id: randomUUID(), type: 'lick' }],
    }),
  });
  expect(await answer.json()).toMatchObject({ accepted: 1 });

  const time = String.raw`\d\d:\d\d:\d\d`;
  await expect.poll(() => all.said.out, { timeout: 30_000 }).toMatch(/rejected/);
  expect(all.said.out).toMatch(new RegExp(`^accepted  demo  ${time}  like  event:42\\S+  attempt 2$`, 'm'));
  expect(all.said.out).toMatch(new RegExp(`^rejected  demo  ${time}  unknown_type: `, 'm'));
  // What a visitor sends does not steer the terminal.
  expect(all.said.out).not.toContain('\u001b');
  await expect.poll(() => rejected.said.out, { timeout: 30_000 }).toContain('\n');
  expect(JSON.parse(rejected.said.out)).toMatchObject({
    rejected: { site_id: 'demo', code: 'unknown_type' },
  });

  await collector.close();

  expect(await Promise.all([all.code, rejected.code, others.code])).toEqual([1, 1, 1]);
  expect(all.said.err).toContain('The collector stopped.');
  expect(others.said.out).toBe('');
});

test('says what to do where no collector runs', async () => {
  const { said, code } = aTail(await aFolder());

  expect(await code).toBe(1);
  expect(said.err).toContain('Start one with "turnout serve"');
});
