/**
 * When to send, and what to do with what came of it.
 *
 * One tab sends for all, one batch after the other. A batch leaves the queue only when the collector
 * said 202 in its own words; everything else keeps it, and says when the next attempt is.
 */
import { type Answer, type InteractionType, MAX_BATCH_BYTES } from '@turnout/schema/wire';
import { aDrop, asStored, type Entry, freeze, thaw, type WaitingInteraction } from './batch.ts';
import { now } from './clock.ts';
import type { Log } from './debug.ts';
import { exclusive } from './exclusive.ts';
import { later } from './later.ts';
import type { Settings } from './options.ts';
import type { Queue } from './queue.ts';
import { quietly } from './quietly.ts';
import { fitsKeepalive, send, sendBeacon } from './transport.ts';

/** Hears that a batch is done with: delivered where there is an answer, else refused as the message says. */
export type Settled = (batch: Entry, message: string, answer: Answer | undefined) => void;

/** Somebody is about to leave the page when these happen, or pays. */
const URGENT: readonly (InteractionType | undefined)[] = ['ticket_click', 'purchase'];
const URGENT_AFTER_MS = 1_000;
/** Half a batch waits for nobody. */
const FLUSH_AT_LENGTH = 30_000;
const MIN_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 5 * 60_000;
/** A refused key is tried again so late, with whatever is recorded then. */
const ASK_AGAIN_AFTER_MS = 5 * 60_000;
/** Longer waits than this are taken for a mistake. */
const MAX_RETRY_AFTER_MS = 24 * 3_600_000;
/** Longer than any page lives. */
const NEVER = 1e15;

/** See {@link createSender}. */
export interface Sender {
  /** Queues an interaction and sees that it goes out. */
  add(interaction: WaitingInteraction): void;
  /** Sends what waits. Resolves when all of it was tried; never rejects. */
  flush(): Promise<void>;
  /** Sends what waits, now or when a backoff is over: the page is here to stay. */
  schedule(afterMs: number): void;
  /** The page is hidden, and may never be shown again. */
  hidden(): void;
  /** The browser is back online: whatever failed may work now. */
  online(): void;
  /** Consent was denied: nothing that is on its way comes back into the queue. */
  forget(): void;
  /** The page goes: whatever can be done without waiting. */
  leave(): void;
  stop(): void;
}

/** Makes the {@link Sender} of a tracker. */
export function createSender(
  settings: Settings,
  queue: Queue,
  log: Log,
  settled: Settled,
  isGranted: () => boolean,
): Sender {
  // These are times of `performance.now`, which no page and no user sets back.
  const clock = () => performance.now();
  /** When the timer is due. */
  let timerAt = NEVER;
  /** Nothing goes by itself before this time. */
  let retryAt = 0;
  let failures = 0;
  /** It ended, or its key was refused. */
  let stoppedUntil = 0;
  let inFlight: AbortController | undefined;
  let isLeaving = false;
  let isAsked = false;
  let unsent = 0;
  /** Counts refusals of consent: what was read before one is not sent after it. */
  let generation = 0;
  let next: Promise<void> | undefined;
  let last: Promise<void> = Promise.resolve();

  const maySend = (since = generation) => since === generation && clock() >= stoppedUntil && isGranted();
  const isWelcome = () => clock() >= retryAt;

  function schedule(afterMs: number): void {
    isLeaving = false;
    const at = Math.max(clock() + afterMs, retryAt);
    if (at >= timerAt) return;
    timerAt = at;
    // Unless something else came first, or put it off.
    later(() => timerAt === at && void flush(true), at - clock());
  }
  /** Full jitter: a thousand browsers that failed together do not come back together. */
  function backOff(leastMs = 0): void {
    const mostMs = Math.min(MAX_BACKOFF_MS, MIN_BACKOFF_MS * 2 ** ++failures);
    retryAt = clock() + Math.max(MIN_BACKOFF_MS, Math.random() * mostMs, leastMs);
    timerAt = NEVER;
    schedule(0);
  }

  /** `isByItself`: nobody asked for it, so it does nothing while a backoff lasts. */
  function flush(isByItself?: boolean): Promise<void> {
    isAsked ||= !isByItself;
    next ??= last = last
      .then(async () => {
        next = undefined;
        timerAt = NEVER;
        // The flush before may have failed while this one waited. And timers go off a moment early.
        if (!isAsked && !isWelcome()) return schedule(0);
        isAsked = false;
        const hadTurn = !maySend() || (await exclusive(`turnout:${settings.key}:lease`, drain));
        if (!hadTurn) schedule(MIN_BACKOFF_MS);
      })
      .catch(log.debug);
    return next;
  }

  async function drain(): Promise<void> {
    try {
      const since = generation;
      unsent = 0;
      const entries = await queue.read();
      // Its database answers: the page lives on.
      isLeaving = false;
      if (!maySend(since)) return;
      const line = entries.filter(({ kind }) => kind !== 'quarantine');
      const waitMs = Math.max(...line.map(({ notBefore }) => msUntil(notBefore)));
      if (waitMs > 0) return backOff(waitMs);
      // The least tried first: a batch that the collector chokes on does not hold up the others. What only tells
      // of drops goes with the first of them.
      const fresh = new Set(queue.fresh().keys());
      const triesOf = ({ kind, id, ids, attempt }: Entry) =>
        kind === 'batch' ? attempt : ids.length ? Number(!fresh.has(id)) : -1;
      line.sort((a, b) => triesOf(a) - triesOf(b));
      while (line.length) {
        // As the page went, those that were fresh were frozen without us.
        const taken = take(line).filter(({ id }) => !fresh.has(id) || queue.fresh().has(id));
        const batches = [...taken.filter(({ kind }) => kind === 'batch'), ...freezeDrafts(taken)];
        await queue.write([]);
        for (const batch of batches.sort((a, b) => a.attempt - b.attempt)) {
          const more = maySend(since) && (await deliver(batch));
          if (!more) return;
          line.push(...more);
        }
        if (!maySend(since)) return;
      }
    } catch (error) {
      log.debug('flush failed', error);
      quietly(backOff);
    }
  }

  /** Takes what is worked on at once, about two batches: a long queue is no long task. */
  function take(line: Entry[]): Entry[] {
    let bytes = 0;
    const count = line.findIndex((entry) => {
      bytes += entry.bytes;
      return bytes > 2 * MAX_BATCH_BYTES;
    });
    return line.splice(0, count < 0 ? line.length : count || 1);
  }

  function freezeDrafts(entries: Iterable<Entry>): Entry[] {
    const waiting: WaitingInteraction[] = [];
    const drafts: string[] = [];
    let dropped = 0;
    for (const entry of entries) {
      if (entry.kind !== 'draft') continue;
      const thawed = quietly(() => thaw(entry, queue.fresh().has(entry.id) ? 0 : 1));
      if (!thawed) continue; // What is damaged stays until it is too old.
      waiting.push(...thawed);
      drafts.push(entry.id);
      dropped += entry.dropped;
    }
    const batches = freeze(waiting, 'batch', dropped);
    if (batches.length) void queue.write(batches.map(asStored), drafts);
    return batches;
  }

  /** Sends a batch. Gives batches that have to be sent besides, or nothing when all others have to wait. */
  async function deliver(batch: Entry): Promise<Entry[] | undefined> {
    const { id, ids, attempt, dropped } = batch;
    const since = generation;
    inFlight = quietly(() => new AbortController());
    const { status, text, retryAfter } = await send(settings, batch, inFlight);
    if (since !== generation) return;
    const message = `${status} ${text}`.slice(0, 200);
    log.debug('sent', batch, message);
    const answer = status === 202 ? readAnswer(text) : undefined;

    if (status === 413 && ids.length > 1) {
      const halves = freeze(thaw(batch, attempt + 1), 'batch', dropped, batch.bytes - 1);
      await queue.write(halves.map(asStored), [id]);
      return halves;
    }
    if (status > 399 && status < 500 && ![408, 425, 429].includes(status)) {
      log.warnOnce(
        `${settings.endpoint} refused the write key "${settings.key}": ${message}. Check the key and its origins.`,
      );
      if (status === 401 || status === 403) {
        // Somebody may mend it while the page is open.
        stoppedUntil = Math.max(stoppedUntil, clock() + ASK_AGAIN_AFTER_MS);
        return;
      }
      // No batch will tell what this one told, nor deliver what is in it.
      await queue.write([{ ...batch, kind: 'quarantine', ids: [], dropped: 0 }, aDrop(ids.length + dropped)]);
    } else if (answer) {
      failures = retryAt = 0;
      // The drafts that it was frozen from, too: a spill of theirs may still be there.
      await queue.write([], [id, ...ids]);
    } else {
      // Seconds, or a date.
      const notBefore = now() + Number(retryAfter) * 1_000 || Date.parse(`${retryAfter}`);
      await queue.write([asStored({ ...batch, notBefore })]);
      backOff(msUntil(notBefore));
      return;
    }

    settled(batch, message, answer);
    return [];
  }

  function leave(): void {
    isLeaving = true;
    const batches = maySend() && isWelcome() ? freezeDrafts(queue.fresh().values()) : [];
    queue.spill();
    for (const batch of batches) {
      // Only a page that came back hears of the answer.
      if (fitsKeepalive(batch)) void deliver(batch).catch(log.debug);
      else sendBeacon(settings, batch);
    }
  }

  return {
    add(interaction) {
      queue.add(interaction);
      unsent += interaction.text.length;
      // The page has gone already, and what else listens has its last word: no database and no timer answers any more,
      // unless it lives on.
      if (isLeaving) void Promise.resolve().then(leave).catch(log.debug);
      const afterMs = URGENT.includes(interaction.type) ? URGENT_AFTER_MS : NEVER;
      schedule(unsent < FLUSH_AT_LENGTH ? Math.min(afterMs, settings.flushAfterMs) : 0);
    },
    flush: () => flush(),
    schedule: log.guard(schedule),
    leave,
    online() {
      retryAt = 0;
      void flush();
    },
    hidden() {
      // Who holds a lock or a transaction, and is asked for it by the next page, falls out of the back/forward cache.
      if (!isLeaving) void flush(true);
    },
    forget() {
      generation++;
      inFlight?.abort();
    },
    stop() {
      stoppedUntil = NEVER;
    },
  };
}

/** How long to wait: not at all for times that no answer can have asked for, which come from a wrong clock. */
function msUntil(time = 0): number {
  const ms = time - now();
  return ms > 0 && ms <= MAX_RETRY_AFTER_MS ? ms : 0;
}

/** What the collector says; nothing where it is somebody else who speaks: captive portals answer to everything. */
function readAnswer(text: string): Answer | undefined {
  const answer = quietly(() => JSON.parse(text));
  return typeof answer?.accepted === 'number' ? answer : undefined;
}
