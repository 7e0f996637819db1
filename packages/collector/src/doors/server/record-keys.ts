/**
 * Which record each key stands for, so that another one under the same key is refused rather than lost without a word.
 *
 * Bounded, and the process's own: a key that is not known here any more is found when its row is stored, and the first
 * record stays.
 */
import { derivedId } from '../../derived-id.ts';

export interface RecordKeys {
  /**
   * @param content - All that the record says, but for its key.
   * @returns `new` the first time, `same` for the same record again, `other` for another one.
   */
  claim(name: string, content: string): 'new' | 'same' | 'other';
  /** It was not taken: under its key something else may come. */
  forget(name: string): void;
}

const MAX_KEYS = 100_000;

export function createRecordKeys(maxKeys = MAX_KEYS): RecordKeys {
  const contents = new Map<string, string>();
  return {
    claim(name, content) {
      const digest = derivedId(content);
      const known = contents.get(name);
      if (known !== undefined) return known === digest ? 'same' : 'other';
      contents.set(name, digest);
      if (contents.size > maxKeys) {
        const [oldest = ''] = contents.keys();
        contents.delete(oldest);
      }
      return 'new';
    },
    forget: (name) => void contents.delete(name),
  };
}
