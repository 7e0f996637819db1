import { expect, test } from 'vitest';
import { anApp, NOW } from '../../testing/app.ts';

test.each(['/v1/t', '/v1/batch'])(
  'a message without a time at %s happened when it arrived, to the millisecond',
  async (path) => {
    let time = NOW;
    // The clock goes on while a request is read.
    const { post, rows } = anApp({ now: () => time++ });
    const message = { type: 'track', messageId: 'm', userId: 'u', event: 'Signed Up', writeKey: 'wk_demo' };

    await post(path, path === '/v1/batch' ? { writeKey: 'wk_demo', batch: [message] } : message);

    const [row] = rows();
    expect(row?.occurred_at).toBe(row?.received_at);
  },
);
