/**
 * One IndexedDB store, with transactions of our own.
 *
 * idb-keyval opens the database; its `set` and `update` lose the tail when a tab closes right after.
 * A `relaxed` transaction that commits explicitly does not wait for the disk, and survives the closing of
 * the tab and crashes of the browser process.
 */
import { createStore, promisifyRequest } from 'idb-keyval';

const STORE = 'queue';

/** Runs `work` in one transaction and resolves once it is committed; rejects where storage is refused. */
export type Transact = <Result>(
  work: (store: IDBObjectStore) => IDBRequest<Result> | undefined,
) => Promise<Result>;

/** Makes {@link Transact} for one database. */
export function createDatabase(name: string): Transact {
  let connection: Promise<IDBDatabase> | undefined;
  const connect = async () => createStore(name, STORE)('readonly', (store) => store.transaction.db);

  return async function transact(work) {
    for (let isRetry = false; ; isRetry = true) {
      try {
        connection ??= connect();
        const transaction = (await connection).transaction(STORE, 'readwrite', { durability: 'relaxed' });
        const request = work(transaction.objectStore(STORE));
        transaction.commit?.();
        await promisifyRequest(transaction);
        return request?.result as never;
      } catch (error) {
        // Safari closes idle connections without telling; the next one works. It also fixes a database
        // that could not be opened the last time.
        connection = undefined;
        if (isRetry || (error as Error)?.name !== 'InvalidStateError') throw error;
      }
    }
  };
}
