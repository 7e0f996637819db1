import { constants, deflateRawSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readBody } from './body.ts';

const MAX = 1024 * 1024;

/** As a server gets it: with the length that was announced, or in pieces without one. */
function aRequest(bytes: Uint8Array<ArrayBuffer>, { isAnnounced }: { isAnnounced: boolean }): Request {
  const pieces = function* () {
    for (let at = 0; at < bytes.byteLength; at += 65_536) yield bytes.subarray(at, at + 65_536);
  };
  return new Request('http://127.0.0.1/', {
    method: 'POST',
    body: ReadableStream.from(pieces()),
    duplex: 'half',
    ...(isAnnounced ? { headers: { 'Content-Length': String(bytes.byteLength) } } : {}),
  } as RequestInit);
}

const how = [{ isAnnounced: true }, { isAnnounced: false }];

test.each(how)('reads text as it is, packed or not: $isAnnounced', async (announced) => {
  const text = 'naïve 東京 '.repeat(20_000);

  expect(await readBody(aRequest(new TextEncoder().encode(text), announced), MAX)).toBe(text);
  expect(await readBody(aRequest(new Uint8Array(gzipSync(text)), announced), MAX)).toBe(text);
});

test.each(how)(
  'takes what is just short enough, and refuses one byte more: $isAnnounced',
  async (announced) => {
    const body = (bytes: number) => aRequest(new Uint8Array(bytes).fill(32), announced);

    expect(await readBody(body(MAX), MAX)).toHaveLength(MAX);
    await expect(readBody(body(MAX + 1), MAX)).rejects.toMatchObject({ status: 413 });
  },
);

test('reads a body at once when its length is known, and never asks for more than the limit', async () => {
  const asked: string[] = [];
  const sent = (length: number) => {
    const request = aRequest(new Uint8Array(length), { isAnnounced: true });
    return {
      headers: request.headers,
      arrayBuffer: () => {
        asked.push('at once');
        return request.arrayBuffer();
      },
      get body() {
        asked.push('as a stream');
        return request.body;
      },
    };
  };

  await readBody(sent(10), MAX);
  await readBody(sent(MAX + 1), MAX).catch(() => undefined);

  expect(asked).toEqual(['at once', 'as a stream']);
});

test.each(how)(
  'inflates no more than the limit of 1 MB that would become 1 GB: $isAnnounced',
  async (announced) => {
    const megabyte = deflateRawSync(Buffer.alloc(MAX), { finishFlush: constants.Z_FULL_FLUSH });
    const blocks = Math.floor((MAX - 10) / megabyte.byteLength);
    const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
    const bomb = new Uint8Array(Buffer.concat([header, ...Array<Buffer>(blocks).fill(megabyte)]));
    const before = process.memoryUsage().rss;

    await expect(readBody(aRequest(bomb, announced), MAX)).rejects.toMatchObject({ status: 413 });

    expect(blocks).toBeGreaterThan(900);
    expect(process.memoryUsage().rss - before).toBeLessThan(50 * MAX);
  },
);
