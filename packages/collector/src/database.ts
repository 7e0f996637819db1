import { Readable } from 'node:stream';
import { createConnection } from './connection.ts';
import {
  type Address,
  blockSettings,
  DatabaseError,
  rethrow,
  type WritableDatabase,
} from './writable-database.ts';

/** What somebody may give up gets so long at the server. */
const BRIEF_SECONDS = 5;

/**
 * @param address - Asked anew for each statement: a replaced engine has another one.
 * @param cluster - Its name, where the address is a server of one.
 */
export function createDatabase(address: () => Address, cluster?: string): WritableDatabase {
  const { connect, close } = createConnection(address, {
    request_timeout: 300_000,
    max_open_connections: 4,
    // What a list on one shard is compared with may stand on another.
    ...(cluster === undefined ? {} : { clickhouse_settings: { distributed_product_mode: 'global' } }),
  });

  return {
    cluster,
    async command(sql) {
      await connect().command({ query: sql }).catch(rethrow);
    },
    async query<Row>(sql: string, parameters?: Record<string, unknown>, signal?: AbortSignal) {
      const result = await connect()
        .query({
          query: sql,
          format: 'JSONEachRow',
          ...(parameters ? { query_params: parameters } : {}),
          // A server does not notice that nobody waits for its answer any more.
          ...(signal
            ? { abort_signal: signal, clickhouse_settings: { max_execution_time: BRIEF_SECONDS } }
            : {}),
        })
        .catch(rethrow);
      return (await result.json()) as Row[];
    },
    async insertBlock(table, token, rows) {
      const settings = Object.entries(blockSettings(token, cluster))
        .map(([name, value]) => `${name} = ${typeof value === 'number' ? value : `'${value}'`}`)
        .join(', ');
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
    close,
  };
}
