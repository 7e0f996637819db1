import { readBody, type Sent } from './body.ts';
import { parseExactJson, parseJson } from './parse-json.ts';
import { Problem } from './problem.ts';

/** An object as JSON has it. */
export type JsonObject = { [key: string]: unknown };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object that is in there, or an empty one. */
export const objectIn = (value: unknown): JsonObject => (isObject(value) ? value : {});

/**
 * The JSON of a body.
 *
 * @throws Problem 413 when it is larger, 400 when it is no JSON, or packed in another way than by gzip.
 */
export const readJson = (sent: Sent, maxBytes: number) => readAs(parseJson, sent, maxBytes);

/** The same, of those who may write ids as numbers: see {@link parseExactJson}. */
export const readExactJson = (sent: Sent, maxBytes: number) => readAs(parseExactJson, sent, maxBytes);

async function readAs(parse: (text: string) => unknown, sent: Sent, maxBytes: number): Promise<unknown> {
  const text = await readBody(sent, maxBytes);
  try {
    return parse(text);
  } catch (error) {
    const encoding = sent.headers.get('Content-Encoding') ?? 'identity';
    if (!/^(gzip|identity)$/i.test(encoding.trim()))
      throw new Problem(
        400,
        'encoding_unknown',
        `The body is packed as ${JSON.stringify(encoding.slice(0, 50))}, which is not read here. Send plain JSON, or gzip.`,
      );
    const why = error instanceof Error ? error.message.slice(0, 200) : '';
    throw new Problem(400, 'not_json', `The body is no JSON: ${why}`);
  }
}
