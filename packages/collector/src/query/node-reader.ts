import { createConnection } from '../connection.ts';
import type { Address } from '../writable-database.ts';
import { createReader, READ_TIMEOUT_MS, type Reader, type ReaderOptions } from './reader.ts';

export function createNodeReader(address: () => Address, options?: ReaderOptions): Reader {
  const { connect, close } = createConnection(address, { request_timeout: READ_TIMEOUT_MS });
  return createReader({ connect, close }, options);
}
