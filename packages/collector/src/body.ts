import { Problem } from './problem.ts';

const GZIP = [0x1f, 0x8b] as const;

const utf8 = new TextDecoder();

/** What of a request its body is read from. */
export type Sent = Pick<Request, 'headers' | 'body' | 'arrayBuffer'>;

/**
 * Reads a body as text, inflated when its first two bytes say gzip, and never more than `maxBytes` of
 * it: what comes behind is not even inflated.
 *
 * @throws Problem 413 when it is longer, 400 when it cannot be inflated.
 */
export async function readBody(request: Sent, maxBytes: number): Promise<string> {
  // A server lets nobody send more than they announced. At once is several times cheaper than as a stream.
  const sent = isShort(request.headers, maxBytes)
    ? new Uint8Array(await request.arrayBuffer())
    : await readBytes(request.body, maxBytes);
  if (sent[0] !== GZIP[0] || sent[1] !== GZIP[1]) return utf8.decode(sent);
  const packed = new Blob([sent]).stream().pipeThrough(new DecompressionStream('gzip'));
  try {
    return utf8.decode(await readBytes(packed, maxBytes));
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(
      400,
      'not_gzip',
      'The body begins like gzip but cannot be inflated. Send it again, or send plain JSON.',
    );
  }
}

function isShort(headers: Headers, maxBytes: number): boolean {
  const length = headers.get('Content-Length');
  return (
    length !== null && /^\d+$/.test(length) && Number(length) <= maxBytes && !headers.has('Transfer-Encoding')
  );
}

async function readBytes(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = body?.getReader();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) break;
    length += value.byteLength;
    if (length > maxBytes) {
      await reader?.cancel();
      throw new Problem(
        413,
        'too_large',
        `A body holds at most ${maxBytes} bytes. Split the batch and send the parts.`,
      );
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}
