import { quietly } from './quietly.ts';

/** What behaviours store under names of their own begins with this. */
export const KEPT = 'turnout:kept:';

/** Deletes it, in this tab and in the browser. */
export function forgetKept(): void {
  for (const storage of [() => localStorage, () => sessionStorage]) {
    quietly(() => {
      for (const name of Object.keys(storage())) if (name.startsWith(KEPT)) storage().removeItem(name);
    });
  }
}
