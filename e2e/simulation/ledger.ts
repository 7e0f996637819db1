/**
 * What a schedule has to answer for: every fact that was recorded, where it was committed, whether the
 * collector promised to keep it.
 *
 * A fact is known by a mark that the page puts into its props, or by its order: two reports of one order
 * are one fact. Ids are what the code under test makes, so they are not trusted here.
 */
export interface Fact {
  key: string;
  /** In IndexedDB or localStorage at some time, or recorded in a page that had all the time it needed. */
  isCommitted: boolean;
  /** The collector said 202, whether or not that arrived. */
  isAcknowledged: boolean;
  /** The database cannot read it: it belongs among the rejected. */
  isUnreadable: boolean;
}

/** An interaction on the wire, or its row, as far as its fact is concerned. */
interface Recorded {
  props?: { mark?: number };
  order_id?: string;
  text?: string;
}

/** What the SDK's queue stores. */
interface Entry {
  body: string;
}

export type Ledger = ReturnType<typeof createLedger>;

/** Opens an empty ledger. */
export function createLedger() {
  const facts = new Map<string, Fact>();
  const factOf = ({ props, order_id, text }: Recorded): string => {
    // A rejected row carries its interaction as text.
    if (text !== undefined) return factOf(JSON.parse(text));
    return order_id === undefined ? `mark ${props?.mark}` : `order ${order_id}`;
  };
  const of = (recorded: Recorded) => facts.get(factOf(recorded));

  return {
    facts,
    factOf,
    /** What a body carries, for the trace. */
    factsOf: (body: string): string[] => JSON.parse(body).interactions.map(factOf),
    record(key: string, isUnreadable: boolean): void {
      if (!facts.has(key)) facts.set(key, { key, isCommitted: false, isAcknowledged: false, isUnreadable });
    },
    /** Entries of the queue reached a storage that survives the page. */
    commit(entries: readonly Entry[]): void {
      for (const { body } of entries) {
        for (const one of JSON.parse(body).interactions) {
          const fact = of(one);
          if (fact) fact.isCommitted = true;
        }
      }
    },
    /** These had all the time they needed to be committed: losing one is losing it. */
    vouch(keys: readonly string[]): void {
      for (const key of keys) {
        const fact = facts.get(key);
        if (fact) fact.isCommitted = true;
      }
    },
    acknowledge(body: string, rejected: readonly { index: number }[]): void {
      const left = new Set(rejected.map(({ index }) => index));
      for (const [index, one] of JSON.parse(body).interactions.entries()) {
        const fact = of(one);
        if (fact && !left.has(index)) fact.isAcknowledged = true;
      }
    },
  };
}
