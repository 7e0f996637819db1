/**
 * localStorage that never throws.
 *
 * Reading the property itself throws where storage is blocked, and writing throws when it is full.
 * Every function answers as if the storage were empty, and `write` says whether it worked.
 */
export const local = {
  read(name: string): string | null {
    try {
      return localStorage.getItem(name);
    } catch {
      return null; // Blocked: the same as never written.
    }
  },
  write(name: string, value: string): boolean {
    try {
      localStorage.setItem(name, value);
      return true;
    } catch {
      return false; // Blocked or full: the caller keeps its copy in memory.
    }
  },
  remove(name: string): void {
    try {
      localStorage.removeItem(name);
    } catch {
      // Blocked: there is nothing to remove.
    }
  },
  /** Names that start with a prefix. */
  names(prefix: string): string[] {
    try {
      return Object.keys(localStorage).filter((name) => name.startsWith(prefix));
    } catch {
      return []; // Blocked: the same as empty.
    }
  },
};
