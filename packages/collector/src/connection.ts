import {
  type ClickHouseClient,
  type ClickHouseClientConfigOptions,
  ClickHouseLogLevel,
  createClient,
} from '@clickhouse/client';
import type { Address } from './writable-database.ts';

/** A client that follows its database from address to address: a replaced engine has another one. */
export function createConnection(
  address: () => Address,
  options: Pick<
    ClickHouseClientConfigOptions,
    'request_timeout' | 'max_open_connections' | 'clickhouse_settings'
  >,
): { connect(): ClickHouseClient; close(): Promise<void> } {
  let client: ClickHouseClient | undefined;
  let connectedTo = '';
  return {
    connect() {
      const { url, username, password } = address();
      if (client && connectedTo === url) return client;
      void client?.close();
      connectedTo = url;
      client = createClient({
        url,
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password }),
        application: 'turnout',
        // Errors reach whoever asked; the client's own log would print them a second time.
        log: { level: ClickHouseLogLevel.OFF },
        ...options,
      });
      return client;
    },
    async close() {
      await client?.close();
    },
  };
}
