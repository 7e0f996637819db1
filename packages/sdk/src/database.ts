/**
 * One IndexedDB store, with transactions of our own.
 *
 * A `relaxed` transaction that commits explicitly does not wait for the disk, and survives the closing of
 * the tab and crashes of the browser process.
 */
import { later, within } from './later.ts';

const STORE = 'queue';
/** Safari sometimes never answers `indexedDB.open` (https://bugs.webkit.org/show_bug.cgi?id=226547). */
const ANSWERS_WITHIN_MS = 3_000;
/** Where the database is refused, nobody wants to wait for that at each interaction. */
const ASK_AGAIN_AFTER_MS = 10_000;

/** Runs `work` in one transaction and resolves once it is committed; rejects where storage is refused. */
export type Transact = (work: (store: IDBObjectStore) => Promise<void>) => Promise<unknown>;

/** What requests and transactions have in common. */
interface Asked<Result> {
  result?: Result;
  error: unknown;
  onsuccess?: unknown;
  oncomplete?: unknown;
  onerror: unknown;
  onabort?: unknown;
}

/** What a request brings, once it is there; or when a transaction is committed. Rejects where either fails. */
export const done = <Result>(it: Asked<Result>): Promise<Result> =>
  new Promise((resolve, reject) => {
    it.onsuccess = it.oncomplete = () => resolve(it.result as Result);
    it.onerror = it.onabort = () => reject(it.error);
  });

/** Makes {@link Transact} for one database. */
export function createDatabase(name: string): Transact {
  let connection: Promise<IDBDatabase> | undefined;
  const disconnect = () => {
    connection = undefined;
  };

  function connect(): Promise<IDBDatabase> {
    const open = async () => {
      const request = indexedDB.open(name);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE);
      const database = await done(request);
      database.onclose = disconnect;
      // Somebody deletes it: a page that signs people out would wait for as long as we hold it open.
      database.onversionchange = () => database.close();
      return database;
    };
    const opening = within(ANSWERS_WITHIN_MS, open());
    // A refusal is kept for a while, like a connection.
    opening.catch(() => later(disconnect, ASK_AGAIN_AFTER_MS));
    return opening;
  }

  const attempt: Transact = async (work) => {
    connection ??= connect();
    const transaction = (await connection).transaction(STORE, 'readwrite', { durability: 'relaxed' });
    try {
      await work(transaction.objectStore(STORE));
    } catch (error) {
      transaction.abort(); // All of it or nothing.
      throw error;
    }
    return done(transaction);
  };
  const transact: Transact = (work) => within(2 * ANSWERS_WITHIN_MS, attempt(work));

  return (work) =>
    transact(work).catch((error) => {
      // Safari closes idle connections without telling, and somebody may just have deleted it; the next one works.
      if (error?.name !== 'InvalidStateError') throw error;
      disconnect();
      return transact(work);
    });
}
