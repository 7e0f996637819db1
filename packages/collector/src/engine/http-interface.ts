/**
 * The ClickHouse HTTP interface over the embedded engine: what curl, `@clickhouse/client` and Grafana
 * speak. Answers are complete before the first byte leaves, so an error is never a broken half.
 */
import { randomUUID, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { Outward } from './outward.ts';
import { PoolExhausted, type SessionPool } from './session-pool.ts';
import { bindParameters, whyNotReadable } from './sql.ts';
import { runStatement } from './statement.ts';

export interface HttpInterfaceOptions {
  pool: SessionPool;
  /**
   * `password`: the private door of the collector, which may do anything.
   * `readonly`: the SQL port, where every statement runs with `readonly=1`, reaches nothing `outward`, and
   * browsers are refused.
   */
  access: { password: string } | { readonly: true; outward: Outward };
  /** Bodies above this are answered 413. */
  maxBodyBytes: number;
  /** A folder where rows lie while they are read. */
  scratch: string;
}

// Addresses of look-ups carry thousands of ids; Node's own limit is 16 KiB.
const MAX_HEADER_BYTES = 512 * 1024;
const MAX_SECONDS = 60;
const MAX_RESULT_BYTES = 256 * 1024 * 1024;
/** Names in the address that are about the request, not settings of the statement. */
const NOT_SETTINGS = new Set([
  'query', 'database', 'default_format', 'user', 'password', 'query_id', 'session_id', 'session_timeout',
  'session_check', 'compress', 'decompress', 'buffer_size', 'wait_end_of_query', 'role', 'quota_key',
  'stacktrace', 'enable_http_compression', 'send_progress_in_http_headers', 'http_headers_progress_interval_ms',
  'readonly', 'profile',
]); // biome-ignore format: a list to scan, not to read line by line

class RequestRefused extends Error {
  readonly status: number;
  readonly code: number;
  constructor(status: number, code: number, message: string) {
    super(`Code: ${code}. DB::Exception: ${message}`);
    this.status = status;
    this.code = code;
  }
}

/** A server that is not listening yet. */
export function createHttpInterface(options: HttpInterfaceOptions): Server {
  return createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => {
    response.setHeader('X-ClickHouse-Server-Display-Name', 'turnout');
    answer(options, request, response).catch((error: unknown) => sendError(response, error));
  });
}

async function answer(options: HttpInterfaceOptions, request: IncomingMessage, response: ServerResponse) {
  const url = new URL(request.url ?? '/', 'http://engine');
  if (url.pathname === '/ping') {
    send(response, 200, 'Ok.\n');
    return;
  }
  refuseBrowsers(options, request);
  refuseStrangers(options, request, url);
  if (url.pathname !== '/')
    throw new RequestRefused(404, 36, `There is nothing at ${url.pathname}; statements go to "/".`);
  if (request.method !== 'GET' && request.method !== 'POST')
    throw new RequestRefused(405, 36, 'Use GET or POST.');

  const body = await readBody(request, options.maxBodyBytes);
  const { access } = options;
  const query = url.searchParams.get('query');
  const isReading = 'readonly' in access;
  // A reader has no rows to bring: what stands in the body is the statement, or the rest of it.
  const text = isReading ? [query ?? '', body.toString('utf8')].join('\n') : (query ?? body.toString('utf8'));
  const sql = bind(text, url.searchParams);
  const settings = settingsOf(url.searchParams);
  if (isReading) {
    const reason = whyNotReadable(sql, access.outward);
    if (reason) throw new RequestRefused(403, 164, `${reason} (READONLY)`);
    refuseOutward(settings, access.outward);
    Object.assign(settings, limits(settings));
  }

  const format =
    url.searchParams.get('default_format') ??
    String(request.headers['x-clickhouse-format'] ?? 'TabSeparated');
  const data = !isReading && query !== null && body.byteLength > 0 ? body : undefined;
  const result = await options.pool.run((session) =>
    runStatement(session, { sql, data, format, settings, scratch: options.scratch }),
  );

  response.setHeader('X-ClickHouse-Query-Id', url.searchParams.get('query_id') ?? randomUUID());
  response.setHeader('X-ClickHouse-Format', format);
  response.setHeader(
    'X-ClickHouse-Summary',
    JSON.stringify({
      read_rows: String(result.readRows),
      read_bytes: String(result.readBytes),
      written_rows: String(result.writtenRows),
      written_bytes: '0',
      total_rows_to_read: '0',
      result_rows: '0',
      result_bytes: String(result.bytes.byteLength),
      elapsed_ns: String(Math.round(result.elapsedSeconds * 1e9)),
    }),
  );
  send(response, 200, result.bytes);
}

/** A page in a browser could send statements to this port, so no browser and no foreign `Host` is answered. */
function refuseBrowsers({ access }: HttpInterfaceOptions, request: IncomingMessage) {
  if (!('readonly' in access)) return;
  // <script src> and <img> carry no Origin, but browsers say Sec-Fetch-Site. (Node's fetch says -Mode.)
  const isBrowser = request.headers['sec-fetch-site'] !== undefined;
  if (request.headers.origin !== undefined || isBrowser) {
    throw new RequestRefused(
      403,
      497,
      'This port answers programs, not web pages: requests with an Origin are refused.',
    );
  }
  const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  if (!['localhost', '127.0.0.1', '[::1]'].includes(host)) {
    throw new RequestRefused(
      403,
      497,
      `Requests for the host "${host.slice(0, 100)}" are refused: use localhost or 127.0.0.1.`,
    );
  }
}

function refuseStrangers({ access }: HttpInterfaceOptions, request: IncomingMessage, url: URL) {
  if ('readonly' in access) return;
  const [scheme, encoded] = (request.headers.authorization ?? '').split(' ');
  const basic = scheme === 'Basic' && encoded ? Buffer.from(encoded, 'base64').toString('utf8') : '';
  const given = basic
    ? basic.slice(basic.indexOf(':') + 1)
    : String(request.headers['x-clickhouse-key'] ?? url.searchParams.get('password') ?? '');
  if (!isSame(given, access.password)) throw new RequestRefused(403, 516, 'Authentication failed.');
}

function isSame(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new RequestRefused(413, 307, `The body exceeds ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  if (request.headers['content-encoding'] !== 'gzip') return body;
  try {
    return gunzipSync(body, { maxOutputLength: maxBytes });
  } catch (error) {
    const isLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw isLarge
      ? new RequestRefused(413, 307, `The body exceeds ${maxBytes} bytes when inflated.`)
      : new RequestRefused(400, 354, 'The body says gzip and cannot be inflated.');
  }
}

function bind(sql: string, address: URLSearchParams): string {
  const values = new Map<string, string>();
  for (const [name, value] of address) if (name.startsWith('param_')) values.set(name.slice(6), value);
  try {
    return bindParameters(sql, values);
  } catch (error) {
    throw new RequestRefused(400, 456, (error as Error).message);
  }
}

function settingsOf(address: URLSearchParams): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const [name, value] of address) {
    if (NOT_SETTINGS.has(name) || name.startsWith('param_')) continue;
    if (!/^[a-z]\w*$/i.test(name))
      throw new RequestRefused(400, 115, `"${name.slice(0, 50)}" is not the name of a setting.`);
    settings[name] = value;
  }
  return settings;
}

/** Settings of the address belong to the statement before `readonly` does: it would not stop them. */
function refuseOutward(settings: Record<string, string>, outward: Outward) {
  const name = Object.keys(settings).find((setting) => outward.settings.has(setting.toLowerCase()));
  if (name !== undefined) {
    throw new RequestRefused(
      403,
      164,
      `The setting "${name}" may name a file or hold SQL of its own: this port does not take it. (READONLY)`,
    );
  }
}

/** What every statement on the SQL port runs with. `readonly` comes last: nothing can be set after it. */
function limits(asked: Record<string, string>): Record<string, string> {
  const atMost = (name: string, most: number) => {
    const value = Number(asked[name] ?? most);
    return String(value > 0 && value < most ? value : most);
  };
  return {
    max_execution_time: atMost('max_execution_time', MAX_SECONDS),
    max_result_bytes: atMost('max_result_bytes', MAX_RESULT_BYTES),
    result_overflow_mode: 'throw',
    readonly: '1',
  };
}

const STATUS_OF_CODE: Record<number, number> = {
  62: 400,
  47: 404,
  60: 404,
  81: 404,
  164: 403,
  159: 408,
  202: 503,
  241: 500,
};

function sendError(response: ServerResponse, error: unknown) {
  const message = error instanceof Error ? error.message : String(error);
  const code =
    error instanceof RequestRefused
      ? error.code
      : error instanceof PoolExhausted
        ? 202
        : Number(/Code: (\d+)/.exec(message)?.[1] ?? 1000);
  const status = error instanceof RequestRefused ? error.status : (STATUS_OF_CODE[code] ?? 500);
  response.setHeader('X-ClickHouse-Exception-Code', String(code));
  if (status === 503) response.setHeader('Retry-After', '1');
  // Clients read the code from the text.
  send(
    response,
    status,
    message.startsWith('Code:') ? `${message}\n` : `Code: ${code}. DB::Exception: ${message}\n`,
  );
}

function send(response: ServerResponse, status: number, body: string | Uint8Array) {
  response.statusCode = status;
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.end(body);
}
