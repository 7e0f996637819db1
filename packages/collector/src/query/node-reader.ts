import { createConnection } from '../connection.ts';
import type { Address } from '../writable-database.ts';
import { createReader, READ_TIMEOUT_MS, type Reader } from './reader.ts';

/** @param cluster - Its name, where the address is a server of one. */
export function createNodeReader(address: () => Address, cluster?: string): Reader {
  const { connect, close } = createConnection(address, { request_timeout: READ_TIMEOUT_MS });
  return createReader({ connect, close }, cluster);
}
