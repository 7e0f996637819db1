/**
 * localStorage that never throws.
 *
 * Reading the property itself throws where storage is blocked, and writing throws when it is full.
 * Every function answers as if the storage were empty, and `write` says whether it worked.
 */
import { quietly } from './quietly.ts';

export const local = {
  read: (name: string): string | null => quietly(() => localStorage.getItem(name), null),
  /** False when storage is blocked or full: the caller keeps its copy in memory. */
  write: (name: string, value: string): boolean =>
    quietly(() => {
      localStorage.setItem(name, value);
      // Managers of consent and blockers replace it with what takes a text and keeps none.
      return localStorage.getItem(name) === value;
    }, false),
  remove: (name: string): void => quietly(() => localStorage.removeItem(name)),
  /** Names that start with a prefix. */
  names: (prefix: string): string[] =>
    quietly(() => Object.keys(localStorage).filter((name) => name.startsWith(prefix)), []),
};
