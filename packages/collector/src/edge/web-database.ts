import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client-web';
import { type Address, blockSettings, rethrow, type WritableDatabase } from '../writable-database.ts';

const REQUEST_TIMEOUT_MS = 120_000;

/** A ClickHouse for runtimes that have `fetch` and no sockets. */
export function createWebDatabase(address: Address, cluster: string | undefined): WritableDatabase {
  const client: ClickHouseClient = createClient({
    ...address,
    application: 'turnout-edge',
    request_timeout: REQUEST_TIMEOUT_MS,
    keep_alive: { enabled: false },
    ...(cluster === undefined ? {} : { clickhouse_settings: { distributed_product_mode: 'global' } }),
    // Rows travel as the text they are: parsing them only to write them again would cost more than all else.
    json: {
      parse: JSON.parse,
      stringify: (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value)),
    },
    log: { level: ClickHouseLogLevel.OFF },
  });
  return {
    cluster,
    async command(sql) {
      await client.command({ query: sql }).catch(rethrow);
    },
    async query<Row>(sql: string, parameters?: Record<string, unknown>) {
      const result = await client
        .query({ query: sql, format: 'JSONEachRow', ...(parameters ? { query_params: parameters } : {}) })
        .catch(rethrow);
      return (await result.json()) as Row[];
    },
    async insertBlock(table, token, rows) {
      const text = new TextDecoder().decode(rows);
      await client
        .insert({
          table,
          format: 'JSONEachRow',
          // All of them as one "row": lines of JSON joined by line breaks are what the format is.
          values: [text.endsWith('\n') ? text.slice(0, -1) : text],
          clickhouse_settings: {
            ...blockSettings(token, cluster),
            // An error in mid-answer must not pass for success.
            wait_end_of_query: 1,
          },
        })
        .catch(rethrow);
    },
    async ping() {
      return (await client.ping()).success;
    },
    close: () => client.close(),
  };
}
