import { Readable } from 'node:stream';
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import type { Database } from '@turnout/schema/migrate';

/** A ClickHouse, embedded or not: the same client and the same statements for both. */
export interface WritableDatabase extends Database {
  /**
   * Inserts rows as one block under a token: the same token again changes nothing.
   *
   * @param rows - JSONEachRow.
   * @throws DatabaseError with the engine's code.
   */
  insertBlock(table: string, token: string, rows: Buffer): Promise<void>;
  ping(): Promise<boolean>;
  close(): Promise<void>;
}

export interface Address {
  url: string;
  username?: string;
  password?: string;
}

/** An error of ClickHouse with its number, such as 27 for a value that cannot be parsed. */
export class DatabaseError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * One segment is one block, and the same block on every attempt: nothing may split it, group it with
 * others or sort it out again. Deduplication reaches every view behind the table. All are set, because
 * servers differ in their defaults.
 */
const BLOCK_SETTINGS = [
  'async_insert = 0',
  'insert_deduplicate = 1',
  'deduplicate_blocks_in_dependent_materialized_views = 1',
  'input_format_parallel_parsing = 0',
  'max_insert_block_size = 1048576',
  // Merging a block with itself before it is written costs more than a third of the insert, and merges nothing: keys
  // of raw rows differ, and the views have grouped theirs.
  'optimize_on_insert = 0',
  'min_insert_block_size_rows = 1048576',
  'min_insert_block_size_bytes = 1073741824',
  'max_insert_threads = 1',
  'max_partitions_per_insert_block = 0',
].join(', ');

/**
 * On a cluster the block is cut by person, always the same way, and each part goes to its shard under the same token
 * before the answer comes; most replicas of the shard have it by then, because the log forgets it after.
 */
const CLUSTER_BLOCK_SETTINGS = `${BLOCK_SETTINGS}, distributed_foreground_insert = 1, insert_quorum = 'auto'`;

/**
 * @param address - Asked anew for each statement: a replaced engine has another one.
 * @param cluster - Its name, where the address is a server of one.
 */
export function createDatabase(address: () => Address, cluster?: string): WritableDatabase {
  const blockSettings = cluster === undefined ? BLOCK_SETTINGS : CLUSTER_BLOCK_SETTINGS;
  let client: ClickHouseClient | undefined;
  let connectedTo = '';

  function connect(): ClickHouseClient {
    const { url, username, password } = address();
    if (client && connectedTo === url) return client;
    void client?.close();
    connectedTo = url;
    client = createClient({
      url,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      application: 'turnout',
      request_timeout: 300_000,
      max_open_connections: 4,
      // What a list on one shard is compared with may stand on another.
      ...(cluster === undefined ? {} : { clickhouse_settings: { distributed_product_mode: 'global' } }),
      // Errors reach whoever asked; the client's own log would print them a second time.
      log: { level: ClickHouseLogLevel.OFF },
    });
    return client;
  }

  return {
    cluster,
    async command(sql) {
      await connect().command({ query: sql }).catch(rethrow);
    },
    async query<Row>(sql: string, parameters?: Record<string, unknown>) {
      const result = await connect()
        .query({ query: sql, format: 'JSONEachRow', ...(parameters ? { query_params: parameters } : {}) })
        .catch(rethrow);
      return (await result.json()) as Row[];
    },
    async insertBlock(table, token, rows) {
      const settings = `insert_deduplication_token = '${token}', ${blockSettings}`;
      const { stream } = await connect()
        .exec({
          query: `INSERT INTO ${table} SETTINGS ${settings} FORMAT JSONEachRow`,
          values: Readable.from([rows], { objectMode: false }),
        })
        .catch(rethrow);
      // The answer ends when the block is written; an error in mid-answer must not pass for success.
      for await (const chunk of stream) {
        const code = /Code: (\d+)/.exec(String(chunk))?.[1];
        if (code) throw new DatabaseError(Number(code), String(chunk));
      }
    },
    async ping() {
      const { success } = await connect().ping();
      return success;
    },
    async close() {
      await client?.close();
    },
  };
}

function rethrow(error: unknown): never {
  const code = Number((error as { code?: string }).code);
  const message = error instanceof Error ? error.message : String(error);
  throw Number.isFinite(code) ? new DatabaseError(code, message) : error;
}
