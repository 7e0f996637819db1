/**
 * IndexedDB with one store: what a page puts is its own until its transaction commits, and nobody loses
 * what is committed.
 *
 * Transactions of all pages of the browser happen one after the other, whole or not at all. A page that
 * dies takes those with it that were not committed: all that had not asked to be, and some that had.
 */
import type { Realm, World } from './world.ts';

/** What is wrong: `refused` opens and stores nothing, `closing` drops connections without telling. */
export type StorageTrouble = 'none' | 'refused' | 'closing';

type Entries = Map<string, object>;

interface Asked {
  result?: unknown;
  error?: Error;
  onsuccess?: () => void;
  onerror?: () => void;
}

interface Transaction extends Asked {
  owner: Realm;
  /** Requests that were not carried out yet. */
  work: ((draft: Entries) => void)[];
  /** Requests that were carried out and do not know it. */
  asked: Asked[];
  draft: Entries | undefined;
  hasPut: object[];
  /** The page asked for the commit: it no longer needs the page. */
  isExplicit: boolean;
  isLost: boolean;
  oncomplete?: () => void;
  onabort?: () => void;
}

/** One browser's database. `committed` hears of what is put, once that is certain. */
export function createIndexedDb<Entry>(world: World, committed: (entries: Entry[]) => void) {
  const { random } = world;
  const browser = world.realm('storage');
  const line: Transaction[] = [];
  let entries: Entries = new Map();
  let active: Transaction | undefined;
  let trouble: StorageTrouble = 'none';

  const named = (name: string) => Object.assign(new Error(name), { name });
  const isGone = ({ isLost, owner, isExplicit }: Transaction) => isLost || (!owner.isAlive && !isExplicit);

  function proceed(): void {
    if (active && !isGone(active)) return;
    active = line.shift();
    if (!active) return;
    const next = active;
    world.after(browser, random.between(0.1, 20), '', () => {
      if (trouble === 'refused' && random.chance(0.7)) abort(next);
      else step(next);
    });
  }

  function abort(transaction: Transaction): void {
    end(transaction, 'IndexedDB aborts', () => {
      transaction.error = named('QuotaExceededError');
      transaction.onabort?.();
    });
  }

  /** Carries out what was asked for, and commits when there is nothing more to come. */
  function step(transaction: Transaction): void {
    if (isGone(transaction)) {
      proceed();
      return;
    }
    transaction.draft ??= new Map(entries);
    const isIdle = transaction.work.length === 0;
    for (const work of transaction.work.splice(0)) work(transaction.draft);
    const answer = () => {
      for (const asked of transaction.asked.splice(0)) asked.onsuccess?.();
    };
    if (isIdle || transaction.isExplicit) {
      entries = transaction.draft;
      committed(transaction.hasPut as Entry[]);
      end(transaction, 'IndexedDB is done', () => {
        answer();
        transaction.oncomplete?.();
      });
      return;
    }
    world.after(transaction.owner, random.between(0.1, 5), '', () => {
      answer();
      world.after(browser, random.between(0.1, 5), '', () => step(transaction));
    });
  }

  function end(transaction: Transaction, label: string, tell: () => void): void {
    active = undefined;
    world.after(transaction.owner, random.between(0.1, 5), label, tell);
    proceed();
  }

  function begin(owner: Realm) {
    let isInLine = false;
    const transaction: Transaction = {
      owner,
      work: [],
      asked: [],
      draft: undefined,
      hasPut: [],
      isExplicit: false,
      isLost: false,
    };
    const start = () => {
      if (isInLine) return;
      isInLine = true;
      line.push(transaction);
      proceed();
    };
    const ask = (work: (asked: Asked, draft: Entries) => void): Asked => {
      const asked: Asked = {};
      transaction.work.push((draft) => work(asked, draft));
      transaction.asked.push(asked);
      start();
      return asked;
    };
    const store = {
      put: (value: object, key: string) => {
        const copy = { ...value };
        return ask((_, draft) => {
          draft.set(key, copy);
          transaction.hasPut.push(copy);
        });
      },
      delete: (key: string) => ask((_, draft) => void draft.delete(key)),
      clear: () => ask((_, draft) => draft.clear()),
      getAll: () =>
        ask((asked, draft) => {
          asked.result = [...draft.values()].map((value) => ({ ...value }));
        }),
    };
    return Object.assign(transaction, {
      objectStore: () => store,
      commit: () => {
        transaction.isExplicit = true;
        start(); // One without work is done as well.
      },
    });
  }

  function connect(owner: Realm) {
    let isClosed = false;
    const connection = {
      createObjectStore: () => {},
      transaction() {
        if (trouble === 'closing' && random.chance(0.3)) isClosed = true;
        if (isClosed) throw named('InvalidStateError');
        const transaction = begin(owner);
        const { commit } = transaction;
        const store = { ...transaction.objectStore(), transaction: { db: connection, commit } };
        return Object.assign(transaction, { objectStore: () => store });
      },
    };
    return connection;
  }

  return {
    /** What is committed. */
    keys: () => [...entries.keys()],
    become(next: StorageTrouble): void {
      trouble = next;
    },
    /** The `indexedDB` of one page. */
    of: (owner: Realm) => ({
      open() {
        const request: Asked & { onupgradeneeded?: () => void } = {};
        world.after(owner, random.between(0.5, 10), '', () => {
          if (trouble === 'refused' && random.chance(0.5)) {
            request.error = named('UnknownError');
            request.onerror?.();
            return;
          }
          request.result = connect(owner);
          request.onupgradeneeded?.();
          request.onsuccess?.();
        });
        return request;
      },
    }),
    /** A page died. */
    forsake(owner: Realm): void {
      for (const transaction of active ? [active, ...line] : line) {
        if (transaction.owner === owner) transaction.isLost = !transaction.isExplicit || random.chance(0.5);
      }
      proceed();
    },
  };
}
