/**
 * When to send, and what to do with what came of it.
 *
 * One tab sends for all, one batch after the other. A batch leaves the queue only when the collector
 * said 202 in its own words; everything else keeps it, and says when the next attempt is.
 */
import type { Answer, Interaction, InteractionType } from '@turnout/schema/wire';
import { aDrop, asStored, type Entry, freeze, split, thaw, type WaitingInteraction } from './batch.ts';
import { now } from './clock.ts';
import type { Log } from './debug.ts';
import { exclusive } from './exclusive.ts';
import { later } from './later.ts';
import { listen } from './listen.ts';
import type { Settings } from './options.ts';
import type { DropReason, Queue } from './queue.ts';
import { quietly } from './quietly.ts';
import { fitsKeepalive, send, sendBeacon } from './transport.ts';

/** What `tracker.on` tells, by kind. */
export interface TrackerEvents {
  /** The collector has these on disk. */
  sent: { batchId: string; accepted: number; interactions: Interaction[] };
  /** The collector will not take this one; `code` and `message` are its own. */
  rejected: { batchId: string; code: string; message: string; interaction: Interaction | undefined };
  /** These left the browser without being delivered. */
  dropped: { count: number; reason: DropReason };
}

/** Tells listeners of `tracker.on`. */
export type Emit = <Kind extends keyof TrackerEvents>(kind: Kind, detail: TrackerEvents[Kind]) => void;

/** Somebody is about to leave the page when these happen, or pays. */
const URGENT: readonly InteractionType[] = ['ticket_click', 'purchase'];
const URGENT_AFTER_MS = 1_000;
/** Half a batch waits for nobody. */
const FLUSH_AT_LENGTH = 30_000;
const MIN_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 5 * 60_000;
/** Longer waits than this are taken for a mistake. */
const MAX_RETRY_AFTER_MS = 24 * 3_600_000;
const NEVER = Number.POSITIVE_INFINITY;

/** See {@link createSender}. */
export interface Sender {
  /** Queues an interaction and sees that it goes out. */
  add(interaction: WaitingInteraction, type: InteractionType): void;
  /** Sends what waits. Resolves when all of it was tried; never rejects. */
  flush(): Promise<void>;
  /** Sends what waits, now or when a backoff is over. */
  schedule(afterMs: number): void;
  /** The page is hidden, and may never be shown again. */
  hidden(): void;
  /** Consent was denied: nothing that is on its way comes back into the queue. */
  forget(): void;
  /** The page goes: whatever can be done without waiting. */
  leave(): void;
  stop(): void;
}

type Rejected = Pick<Answer['rejected'][number], 'index' | 'message'> & { code: string };

/** Makes the {@link Sender} of a tracker. */
export function createSender(
  settings: Settings,
  queue: Queue,
  log: Log,
  emit: Emit,
  isGranted: () => boolean,
): Sender {
  // These are times of `performance.now`, which no page and no user sets back.
  const clock = () => performance.now();
  /** When the timer is due. */
  let timerAt = NEVER;
  /** Nothing goes by itself before this time. */
  let retryAt = 0;
  let failures = 0;
  let isStopped = false;
  let unsent = 0;
  /** Counts refusals of consent: what was read before one is not sent after it. */
  let generation = 0;
  let next: Promise<void> | undefined;
  let last: Promise<void> = Promise.resolve();

  const maySend = (since = generation) => since === generation && !isStopped && isGranted();

  function schedule(afterMs: number): void {
    const at = Math.max(clock() + afterMs, retryAt);
    if (isStopped || at >= timerAt) return;
    timerAt = at;
    later(() => {
      if (timerAt !== at) return; // An earlier one took its place.
      timerAt = NEVER;
      flushIfWelcome();
    }, at - clock());
  }
  /** Or later: a backoff may have begun since this was scheduled. */
  function flushIfWelcome(): void {
    if (clock() < retryAt) schedule(0);
    else void flush();
  }
  function postpone(ms: number): void {
    retryAt = clock() + ms;
    schedule(0);
  }
  /** Full jitter: a thousand browsers that failed together do not come back together. */
  function backOff(leastMs = 0): void {
    const mostMs = Math.min(MAX_BACKOFF_MS, MIN_BACKOFF_MS * 2 ** ++failures);
    postpone(Math.max(MIN_BACKOFF_MS, Math.random() * mostMs, leastMs));
  }

  function flush(): Promise<void> {
    next ??= last = last.then(async () => {
      next = undefined;
      timerAt = NEVER;
      const hadTurn = !maySend() || (await exclusive(`turnout:${settings.key}:lease`, drain));
      if (!hadTurn) schedule(MIN_BACKOFF_MS);
    });
    return next;
  }

  async function drain(): Promise<void> {
    try {
      const since = generation;
      unsent = 0;
      const entries = await queue.read();
      const line = entries.filter(({ kind }) => kind === 'batch');
      for (const { notBefore = 0 } of line) {
        const ms = notBefore - now();
        // A time that no answer can have asked for comes from a clock that was wrong.
        if (ms > 0 && ms <= MAX_RETRY_AFTER_MS) return postpone(ms);
      }
      if (!maySend(since)) return;
      line.push(...(await freezeDrafts(entries)));
      // The least tried first: a batch that the collector chokes on does not hold up the others.
      line.sort((a, b) => a.attempt - b.attempt);
      for (const batch of line) {
        const more = maySend(since) && (await deliver(batch));
        if (!more) return;
        line.push(...more);
      }
    } catch (error) {
      log.debug('flush failed', error);
      quietly(backOff);
    }
  }

  async function freezeDrafts(entries: Entry[]): Promise<Entry[]> {
    const waiting: WaitingInteraction[] = [];
    const drafts: string[] = [];
    let dropped = 0;
    for (const entry of entries) {
      // What is damaged stays until it is too old.
      const thawed =
        entry.kind === 'draft' && quietly(() => thaw(queue.fresh().get(entry.id) ?? entry));
      if (!thawed) continue;
      waiting.push(...thawed);
      drafts.push(entry.id);
      dropped += entry.dropped;
    }
    const batches = freeze(waiting, 'batch', dropped);
    if (batches.length) await queue.write(batches.map(asStored), drafts);
    return batches;
  }

  /** Sends a batch. Gives batches that have to be sent besides, or nothing when all others have to wait. */
  async function deliver(batch: Entry): Promise<Entry[] | undefined> {
    const since = generation;
    const { status, text, retryAfter } = await send(settings, batch);
    if (since !== generation) return;
    const why = `${status} ${text}`.slice(0, 200);
    log.debug('sent', batch, why);
    const answer: Answer | undefined = quietly(() => JSON.parse(text));

    if (status === 202 && typeof answer?.accepted === 'number') {
      failures = retryAt = 0;
      // The drafts that it was frozen from, too: a spill of theirs may still be there.
      await queue.write([], [batch.id, ...batch.ids]);
      return tell(batch, Array.isArray(answer.rejected) ? answer.rejected : [], answer.accepted);
    }
    if (status === 413 && batch.ids.length > 1) {
      const halves = split(batch);
      await queue.write(halves.map(asStored), [batch.id]);
      return halves;
    }
    if (status === 401 || status === 403) {
      isStopped = true;
      return complain(`the write key "${settings.key}" for ${location.origin}`, why);
    }
    if (status >= 400 && status < 500 && ![408, 425, 429].includes(status)) {
      complain('a batch', why);
      // No batch will tell what this one told, nor deliver what is in it.
      await queue.write([{ ...batch, kind: 'quarantine', dropped: 0 }, aDrop(batch.ids.length + batch.dropped)]);
      return tell(batch, batch.ids.map((_, index) => ({ index, code: 'batch_refused', message: why })));
    }
    // Also 5xx, and any success that is not ours: captive portals answer 200 to everything.
    const ms = Number(retryAfter) * 1_000 || Date.parse(`${retryAfter}`) - now(); // Seconds, or a date.
    const leastMs = ms > 0 ? Math.min(ms, MAX_RETRY_AFTER_MS) : 0;
    await queue.write([asStored({ ...batch, notBefore: now() + leastMs })]);
    backOff(leastMs);
  }

  function tell(batch: Entry, rejected: Rejected[], accepted?: number): Entry[] {
    const { id: batchId, body } = batch;
    const { interactions } = JSON.parse(body) as { interactions: Interaction[] };
    if (accepted !== undefined) {
      const isAccepted = (_: Interaction, index: number) => !rejected.some((one) => one.index === index);
      emit('sent', { batchId, accepted, interactions: interactions.filter(isAccepted) });
    }
    for (const { index, code, message } of rejected) {
      emit('rejected', { batchId, code, message, interaction: interactions[index] });
    }
    return [];
  }

  function complain(about: string, why: string): undefined {
    log.warnOnce(`The collector at ${settings.endpoint} refused ${about}: ${why}. Check the key, its origins and the endpoint.`);
  }

  function leave(): void {
    const drafts = [...queue.fresh().values()];
    const batches = maySend() && clock() >= retryAt ? freeze(drafts.flatMap(thaw), 'batch') : [];
    if (batches.length) void queue.write(batches.map(asStored), drafts.map(({ id }) => id));
    queue.spill();
    for (const batch of batches) {
      // Only a page that came back hears of the answer.
      if (fitsKeepalive(batch)) void deliver(batch).catch(log.debug);
      else sendBeacon(settings, batch);
    }
  }

  const stopListening = listen(window, 'online', () => {
    retryAt = 0;
    flushIfWelcome();
  });

  return {
    add(interaction, type) {
      queue.add(interaction);
      unsent += interaction.text.length;
      const afterMs = Math.min(settings.flushAfterMs, URGENT.includes(type) ? URGENT_AFTER_MS : NEVER);
      schedule(unsent < FLUSH_AT_LENGTH ? afterMs : 0);
    },
    flush,
    schedule: log.guard(schedule),
    leave,
    hidden: flushIfWelcome,
    forget() {
      generation++;
      unsent = 0;
    },
    stop() {
      isStopped = true;
      stopListening();
    },
  };
}
