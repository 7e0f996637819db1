/** What people do with their browsers: open pages, record things, look away, close the lid. */
import type { Browser } from './browser.ts';
import type { Page } from './page.ts';
import type { World } from './world.ts';

const MAX_PAGES = 2;
/** Of this many things that are done, each is a chance. */
const HABITS = {
  record: 14,
  open: 2,
  close: 2,
  crash: 1,
  hide: 1,
  show: 1,
  flush: 1,
  online: 1,
  freeze: 1,
  cache: 1,
  sleep: 1,
} as const;
type Habit = keyof typeof HABITS;
const BAG = Object.entries(HABITS).flatMap(([habit, share]) => Array<Habit>(share).fill(habit as Habit));

/** Plans what happens in `browsers` in `spanMs` from now on. Wakes whoever sleeps at the end. */
export function planVisits(world: World, browsers: readonly Browser[], spanMs: number): void {
  const { random } = world;
  const people = world.realm('people');
  const orders = random.integer(1, 3);
  let marks = 0;

  function record(page: Page): void {
    const isBurst = random.chance(0.07);
    for (let left = isBurst ? random.integer(5, 12) : random.integer(1, 2); left > 0; left -= 1) {
      marks += 1;
      const order = random.chance(0.08) ? random.integer(1, orders) : undefined;
      page.track(marks, order, order === undefined && random.chance(0.01));
    }
  }

  function away(pages: readonly Page[], come: (page: Page) => void): void {
    // Longer, at times, than the collector remembers ids.
    world.after(people, random.between(0, random.pick([2_000, 40_000, spanMs])), '', () => {
      for (const page of pages) if (page.realm.isAlive) come(page);
    });
  }

  function act(browser: Browser): void {
    const pages = browser.current();
    const habit = pages.length === 0 ? 'open' : random.pick(BAG);
    if (habit === 'open') {
      if (pages.length < MAX_PAGES) record(browser.open());
      return;
    }
    const page = random.pick(pages);
    if (habit === 'record') record(page);
    else if (habit === 'freeze' || habit === 'cache') {
      page[habit]();
      away([page], (one) => one.comeBack(habit));
    } else if (habit === 'sleep') {
      for (const one of pages) one.realm.isAsleep = true;
      world.note(() => `${browser.name} sleeps`);
      away(pages, (one) => world.wake(one.realm));
    } else page[habit]();
  }

  // Long schedules are about what happens after long: that takes somebody to be there.
  const most = spanMs > 600_000 ? 12 : 7;
  for (const browser of browsers) {
    for (let left = random.integer(2, most); left > 0; left -= 1) {
      world.after(people, random.between(0, spanMs), '', () => act(browser));
    }
  }
}
