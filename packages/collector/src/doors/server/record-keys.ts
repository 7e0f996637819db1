/**
 * Which record each key stands for, so that another one under the same key is refused rather than lost without a word,
 * or counted beside the first.
 *
 * A bounded memory in front of a table: what is not known here is looked up. A key travels through the log with its
 * record, so a crash loses neither or both.
 */
import type { Database } from '@turnout/schema/migrate';
import { askBriefly } from '../../ask-briefly.ts';
import { derivedId } from '../../derived-id.ts';
import { type KeptKey, storedKeys } from '../../kept-keys.ts';

/** Of a record that names itself: what its key is for. */
export interface Claim {
  /** Of the site, the kind of record and its key. */
  name: string;
  /** Of all that the record says, but for its key. */
  content: number;
}

export interface RecordKeys {
  /** Looks up those that are not known. Where the database does not answer, the writer looks before it stores. */
  learn(siteId: string, claims: readonly Claim[]): Promise<void>;
  /** What an earlier run took. */
  remember(keys: readonly KeptKey[]): void;
  /** @returns `new` the first time, `same` for the same record again, `other` for another one. */
  claim(siteId: string, claim: Claim): 'new' | 'same' | 'other';
  /** It was not taken: under its key something else may come. */
  forget(siteId: string, claim: Claim): void;
  /** The same for all of a site. */
  forgetSite(siteId: string): void;
}

const MAX_KEYS = 100_000;

export function createRecordKeys(
  database?: Pick<Database, 'query'>,
  { maxKeys = MAX_KEYS }: { maxKeys?: number } = {},
): RecordKeys {
  const contents = new Map<string, number>();

  function set(name: string, content: number): void {
    contents.set(name, content);
    if (contents.size <= maxKeys) return;
    const [oldest = ''] = contents.keys();
    contents.delete(oldest);
  }

  return {
    async learn(siteId, claims) {
      const unknown = claims.filter(({ name }) => !contents.has(`${siteId}/${name}`));
      if (!database || unknown.length === 0) return;
      const found = await askBriefly(
        storedKeys(
          database,
          siteId,
          unknown.map(({ name }) => name),
        ),
      );
      // One that was claimed meanwhile stays with what claimed it.
      for (const [name, content] of found ?? [])
        if (!contents.has(`${siteId}/${name}`)) set(`${siteId}/${name}`, content);
    },
    remember(keys) {
      for (const { site_id, record_key, content } of keys) set(`${site_id}/${record_key}`, content);
    },
    claim(siteId, { name, content }) {
      const known = contents.get(`${siteId}/${name}`);
      if (known !== undefined) return known === content ? 'same' : 'other';
      set(`${siteId}/${name}`, content);
      return 'new';
    },
    forget: (siteId, { name }) => void contents.delete(`${siteId}/${name}`),
    forgetSite(siteId) {
      for (const name of contents.keys()) if (name.startsWith(`${siteId}/`)) contents.delete(name);
    },
  };
}

/**
 * @param names - What tells keys apart: two kinds of record may go by the same one.
 * @param content - All that the record says, but for its key.
 */
export function claimOf(names: readonly string[], content: string): Claim {
  // Enough to tell two records apart, and too little to find out what either says of whom.
  return { name: derivedId('key', ...names), content: Number.parseInt(derivedId(content).slice(0, 8), 16) };
}
