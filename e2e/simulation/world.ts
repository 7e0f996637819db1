/**
 * Virtual time and the order of things.
 *
 * Everything that is pending (a timer, a disk operation, a request on its way) is an event of a realm, a
 * process or a page that may die or sleep. One event happens at a time, and all promises it settles run
 * to their end before the next. How long each takes is drawn from the seed, so the seed is the order.
 */
import { createEventHeap, type Event } from './event-heap.ts';
import { createRandom, type Random } from './random.ts';

/** What may die: a page, a run of the collector, a run of the engine. */
export interface Realm {
  readonly name: string;
  isAlive: boolean;
  /** Its events wait until it wakes: a frozen page, a laptop that sleeps. */
  isAsleep: boolean;
  parked: Event[];
}

/** See {@link createWorld}. */
export interface World {
  random: Random;
  now(): number;
  /** Whose event is happening. */
  current(): Realm;
  realm(name: string): Realm;
  /** Lets `work` happen in a realm after some time, unless the realm is dead by then. */
  after(realm: Realm, ms: number, label: string, work: () => void): Event;
  /** The same for whoever only looks whether there is something to do: late when nothing else happens. */
  poll(realm: Realm, ms: number, work: () => void): Event;
  wake(realm: Realm): void;
  /** Runs until `isOver`, or the time `until`, or nothing is pending. */
  run(isOver: () => boolean, until: number): Promise<void>;
  /** Adds to the trace, where one is kept. */
  note(text: () => string): void;
  trace: readonly string[];
}

/** Just before months change, so that blocks over two partitions are as common as others. */
const NEW_YEAR = Date.UTC(2026, 0, 1);
const MAX_POLL_DELAY_MS = 30_000;
const TURNS_PER_LAP = 32;

/** Makes the {@link World} of a seed. */
export function createWorld(seed: number, isTraced: boolean): World {
  const random = createRandom(seed);
  const start = NEW_YEAR - random.integer(0, 60_000);
  const trace: string[] = [];
  const events = createEventHeap();
  const polls = createEventHeap();
  let time = start;
  let current: Realm = { name: 'world', isAlive: true, isAsleep: false, parked: [] };

  const note = (text: () => string) => {
    if (isTraced) trace.push(`${((time - start) / 1000).toFixed(3).padStart(10)} ${current.name}: ${text()}`);
  };

  function next(): Event | undefined {
    const [event, poll] = [events.peek(), polls.peek()];
    return poll && (!event || poll.at < event.at) ? polls.pop() : events.pop();
  }

  return {
    random,
    trace,
    note,
    now: () => time,
    current: () => current,
    realm: (name) => ({ name, isAlive: true, isAsleep: false, parked: [] }),
    after(realm, ms, label, work) {
      const event = { at: time + ms, realm, label, work, isCancelled: false };
      events.push(event);
      return event;
    },
    poll(realm, ms, work) {
      const quietMs = (events.peek()?.at ?? Number.POSITIVE_INFINITY) - time;
      const late = random.next() * Math.min(MAX_POLL_DELAY_MS, Math.max(quietMs, ms));
      const event = { at: time + ms + late, realm, label: '', work, isCancelled: false };
      polls.push(event);
      return event;
    },
    wake(realm) {
      realm.isAsleep = false;
      for (const event of realm.parked.splice(0)) {
        event.at = time + random.next() * 50;
        events.push(event);
      }
    },
    run(isOver, until) {
      return inTurns(() => {
        while (!isOver()) {
          const event = next();
          if (!event || event.at > until) {
            if (event) events.push(event);
            return false;
          }
          if (event.isCancelled || !event.realm.isAlive) continue;
          if (event.realm.isAsleep) {
            event.realm.parked.push(event);
            continue;
          }
          time = Math.max(time, event.at);
          current = event.realm;
          if (event.label) note(() => event.label);
          event.work();
          return true;
        }
        return false;
      });
    },
  };
}

/**
 * Takes one turn after the other until `takeTurn` says that it was none. Everything that promises have to say of one has
 * been said before the next: Node lets them speak between two immediates. Between two laps of many it also asks the
 * system what happened outside, where nothing does; after each turn that would be a tenth of the time.
 */
function inTurns(takeTurn: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    const turn = () => {
      if (isOver) return;
      try {
        isOver = !takeTurn();
        if (isOver) resolve();
      } catch (error) {
        isOver = true;
        reject(error);
      }
    };
    const lap = () => {
      if (isOver) return;
      for (let turns = 0; turns < TURNS_PER_LAP; turns += 1) setImmediate(turn);
      setImmediate(lap);
    };
    lap();
  });
}
