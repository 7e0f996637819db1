import { expect, test } from 'vitest';
import { createApp } from '../app.ts';
import type { CollectorDependencies } from '../dependencies.ts';
import { createLogger } from './logger.ts';

const HOSTILE = '\u001b[2J\u009b31m\n{"level":50,"msg":"all is well"}\r\u202e\u2028\u0007\u007f';

test('whatever a stranger sends, an entry is one line of JSON without control characters', async () => {
  const lines: string[] = [];
  const log = createLogger('info', { write: (line) => void lines.push(line) });
  const failing = () => {
    throw new Error(`no script of this name: ${HOSTILE}`);
  };
  const app = createApp({ script: failing, log } as unknown as CollectorDependencies);

  const response = await app.request(`/t-${encodeURIComponent(HOSTILE)}.js`);
  const matching = await app.request('/t-1.js', { headers: { 'X-Request-Id': 'from-the-proxy.1' } });

  expect([response.status, matching.status]).toEqual([404, 500]);
  log.error({ path: `/v1/${HOSTILE}`, [HOSTILE]: HOSTILE }, HOSTILE);
  expect(lines).toHaveLength(2);
  for (const line of lines) {
    expect(line).toMatch(/^[^\p{Cc}\u2028-\u202e]+\n$/u);
  }
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    msg: 'unexpected error',
    requestId: 'from-the-proxy.1',
    error: expect.stringContaining(HOSTILE),
  });
  expect(JSON.parse(lines[1] ?? '')).toMatchObject({ msg: HOSTILE, path: `/v1/${HOSTILE}` });
});
