/**
 * One IndexedDB store, with transactions of our own.
 *
 * idb-keyval opens the database; its `set` and `update` lose the tail when a tab closes right after.
 * A `relaxed` transaction that commits explicitly does not wait for the disk, and survives the closing of
 * the tab and crashes of the browser process.
 */
import { createStore, promisifyRequest } from 'idb-keyval';
import { within } from './later.ts';

const STORE = 'queue';
/** Safari sometimes never answers `indexedDB.open` (https://bugs.webkit.org/show_bug.cgi?id=226547). */
const ANSWERS_WITHIN_MS = 3_000;
/** Where the database is refused, nobody wants to wait for that at each interaction. */
const ASK_AGAIN_AFTER_MS = 10_000;

/** Runs `work` in one transaction and resolves once it is committed; rejects where storage is refused. */
export type Transact = (work: (store: IDBObjectStore) => void) => Promise<void>;

/** Makes {@link Transact} for one database. */
export function createDatabase(name: string): Transact {
  let connection: Promise<IDBDatabase> | undefined;
  let refusal: unknown;
  let refusedUntil = 0;
  const connect = async () => createStore(name, STORE)('readonly', (store) => store.transaction.db);
  const forget = (error: unknown) => {
    connection = undefined;
    throw error;
  };

  async function attempt(work: (store: IDBObjectStore) => void): Promise<void> {
    connection ??= connect().catch(forget);
    const transaction = (await connection).transaction(STORE, 'readwrite', { durability: 'relaxed' });
    work(transaction.objectStore(STORE));
    await promisifyRequest(transaction);
  }

  return async function transact(work) {
    if (performance.now() < refusedUntil) throw refusal;
    for (let isRetry = false; ; isRetry = true) {
      let isLate = false;
      // An answer that comes late finds that its work was given to somebody else.
      const punctual = (store: IDBObjectStore) => {
        if (!isLate) work(store);
      };
      try {
        await within(ANSWERS_WITHIN_MS, attempt(punctual));
        return;
      } catch (error) {
        isLate = true;
        // Safari closes idle connections without telling; the next one works.
        if ((error as Error)?.name === 'InvalidStateError' && !isRetry) connection = undefined;
        else {
          refusedUntil = performance.now() + ASK_AGAIN_AFTER_MS;
          refusal = error;
          throw error;
        }
      }
    }
  };
}
