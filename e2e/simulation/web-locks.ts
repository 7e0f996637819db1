import type { Realm, World } from './world.ts';

/** `navigator.locks` of one browser: exclusive, first come first served, and free when its page dies. */
export function createLocks(world: World) {
  const queue: { owner: Realm; run: () => Promise<unknown> }[] = [];
  let held: Realm | undefined;

  function grant(): void {
    if (held?.isAlive) return;
    held = undefined;
    const next = queue.shift();
    if (!next) return;
    if (!next.owner.isAlive) {
      grant();
      return;
    }
    held = next.owner;
    world.after(next.owner, world.random.between(0.1, 3), 'has the lock', () => {
      const release = () => {
        world.note(() => 'gives the lock back');
        held = undefined;
        grant();
      };
      next.run().then(release, release);
    });
  }

  return {
    /** A page died: what it held is free. */
    forsake: grant,
    of: (owner: Realm) => ({
      request: (_name: string, work: () => Promise<unknown>) =>
        new Promise((resolve, reject) => {
          queue.push({
            owner,
            run: () => {
              const result = work();
              result.then(resolve, reject);
              return result;
            },
          });
          grant();
        }),
    }),
  };
}
