import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { DatabaseError } from '../writable-database.ts';
import { createNodeReader } from './node-reader.ts';
import type { ReaderOptions } from './reader.ts';

/** A server that answers as it is told, and a reader of it. */
async function aReader(answer: (address: URL, response: ServerResponse) => void, options?: ReaderOptions) {
  const server = createServer((request, response) =>
    answer(new URL(request.url ?? '/', 'http://server'), response),
  ).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const reader = createNodeReader(
    () => ({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
    options,
  );
  onTestFinished(async () => {
    await reader.close();
    server.closeAllConnections();
    server.close();
  });
  return reader;
}

const SLOW = 'Code: 159. DB::Exception: Timeout exceeded. (TIMEOUT_EXCEEDED)';

test('what fails in the middle of an answer is told by its code', async () => {
  // As ClickHouse does: what is not waited for has a status already when it fails.
  const reader = await aReader((address, response) => {
    if (address.searchParams.get('wait_end_of_query') === '1') {
      response.writeHead(500, { 'X-ClickHouse-Exception-Code': '159' }).end(SLOW);
    } else response.writeHead(200).end(`{"n":1}\n{"n":${SLOW}`);
  });

  const error = await reader.query('SELECT 1').catch((reason: unknown) => reason);

  expect(error).toBeInstanceOf(DatabaseError);
  expect(error).toMatchObject({ code: 159 });
});

test('who hangs up frees a server at once, and the embedded engine when it has answered', async () => {
  for (const isEmbedded of [true, false]) {
    let asked = 0;
    let arrived = () => {};
    const first = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    let answerFirst = () => {};
    const reader = await aReader(
      (_, response) => {
        asked += 1;
        const answer = () => response.writeHead(200).end('{"n":1}\n');
        if (asked > 1) answer();
        else {
          answerFirst = answer;
          arrived();
        }
      },
      { isEmbedded },
    );
    const hangUp = new AbortController();
    const left = reader.query('SELECT 1', { site: 'venue', signal: hangUp.signal });
    const outcome = left.then(
      () => 'answered',
      () => 'given up',
    );
    await first;

    hangUp.abort();
    if (isEmbedded) {
      // Another site is answered meanwhile: whatever was going to be asked for this one would have been by then.
      const next = reader.query('SELECT 2', { site: 'venue' });
      await reader.query('SELECT 3', { site: 'hall' });
      expect(asked).toBe(2);
      answerFirst();
      expect(await outcome).toBe('answered');
      expect(await next).toEqual([{ n: 1 }]);
    } else {
      expect(await outcome).toBe('given up');
      expect(await reader.query('SELECT 2', { site: 'venue' })).toEqual([{ n: 1 }]);
    }
  }
});
