import { rethrow } from '../writable-database.ts';
import { createTurns } from './turns.ts';

/** Reads rows, and can do nothing else. Connections and limits are its own: a slow question holds up no insert. */
export interface Reader {
  /** @throws DatabaseError, TooMany, or what the network says when the database is away. */
  query(
    sql: string,
    about?: {
      parameters?: Record<string, unknown>;
      /** For whom: they wait for their own questions first. */
      site?: string;
      /** Of whoever asked: they may hang up. */
      signal?: AbortSignal;
    },
  ): Promise<unknown[]>;
  close(): Promise<void>;
}

/** As much of a client as is needed: those for Node and for the edge are of two packages. */
export interface ReadingClient {
  query(question: {
    query: string;
    format: 'JSONEachRow';
    query_params?: Record<string, unknown>;
    clickhouse_settings: Record<string, string>;
    abort_signal?: AbortSignal;
  }): Promise<{ json(): Promise<unknown> }>;
}

const MAX_SECONDS = 30;
/** What clients are made with: longer than the database may take, so that it is the one to say so. */
export const READ_TIMEOUT_MS = (MAX_SECONDS + 10) * 1_000;
/** The embedded engine has three sessions for readers: one is left to the SQL port. A page of a dashboard may wait. */
const TURNS = { atOnce: 2, maxWaiting: 100, maxWaitingEach: 20 };

const SETTINGS = {
  readonly: '1',
  max_execution_time: String(MAX_SECONDS),
  max_memory_usage: String(2 * 1024 ** 3),
  // It is parsed and written again by the thread that takes batches.
  max_result_bytes: String(16 * 1024 ** 2),
  result_overflow_mode: 'throw',
  // Nothing is rounded on its way: whole numbers of 64 bits and money are text.
  output_format_json_quote_64bit_integers: '1',
  output_format_json_quote_decimals: '1',
  output_format_json_quote_denormals: '0',
  output_format_json_named_tuples_as_objects: '1',
  date_time_output_format: 'iso',
  cancel_http_readonly_queries_on_client_close: '1',
  // What fails in the middle is told by its code, and not by half an answer.
  wait_end_of_query: '1',
};

export interface ReaderOptions {
  /** The name of the cluster, where the address is a server of one. */
  cluster?: string | undefined;
  /** The embedded engine goes on with a question whose asker hung up: so it holds its turn until it is answered. */
  isEmbedded?: boolean;
}

/** @param connection - Its client is that of now: a replaced engine has another address. */
export function createReader(
  { connect, close }: { connect(): ReadingClient; close(): Promise<void> },
  { cluster, isEmbedded = false }: ReaderOptions = {},
): Reader {
  const takeTurn = createTurns(TURNS);
  const settings = { ...SETTINGS, ...(cluster === undefined ? {} : { distributed_product_mode: 'global' }) };
  return {
    query(sql, { parameters, site = '', signal } = {}) {
      const ask = async () => {
        const result = await connect().query({
          query: sql,
          format: 'JSONEachRow',
          clickhouse_settings: settings,
          ...(parameters ? { query_params: parameters } : {}),
          ...(signal && !isEmbedded ? { abort_signal: signal } : {}),
        });
        return (await result.json()) as unknown[];
      };
      return takeTurn(site, () => ask().catch(rethrow), signal);
    },
    close,
  };
}
