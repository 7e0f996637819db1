import { ClickHouseLogLevel, createClient } from '@clickhouse/client-web';
import { createReader, READ_TIMEOUT_MS, type Reader } from '../query/reader.ts';
import type { Address } from '../writable-database.ts';

/** The same for runtimes that have `fetch` and no sockets: from the isolate that was asked, past the one writer. */
export function createWebReader(address: Address, cluster: string | undefined): Reader {
  const client = createClient({
    ...address,
    application: 'turnout-edge',
    request_timeout: READ_TIMEOUT_MS,
    keep_alive: { enabled: false },
    log: { level: ClickHouseLogLevel.OFF },
  });
  return createReader({ connect: () => client, close: () => client.close() }, { cluster });
}
