/**
 * When to send, and what to do with what came of it.
 *
 * One tab sends for all, one batch after the other. A batch leaves the queue only when the collector
 * said 202 in its own words; everything else keeps it, and says when the next attempt is.
 */
import type { Interaction, InteractionType } from '@turnout/schema/wire';
import { type FrozenBatch, freeze, split, type WaitingInteraction } from './batch.ts';
import { now } from './clock.ts';
import type { Log } from './debug.ts';
import { exclusive } from './exclusive.ts';
import { later } from './later.ts';
import { listen } from './listen.ts';
import type { Consent, Settings } from './options.ts';
import { aDrop, asStored, type DropReason, type Queue } from './queue.ts';
import { fitsKeepalive, MAX_RETRY_AFTER_MS, type Outcome, send, sendBeacon } from './transport.ts';

/** What `tracker.on` tells, by kind. */
export interface TrackerEvents {
  /** The collector has these on disk. */
  sent: { batchId: string; accepted: number; interactions: Interaction[] };
  /** The collector will not take this one; `code` and `message` are its own. */
  rejected: { batchId: string; code: string; message: string; interaction: Interaction | undefined };
  /** These left the browser without being delivered. */
  dropped: { count: number; reason: DropReason };
  /** The visitor decided, here or in another tab. */
  consent: Consent;
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

/** Makes the {@link Sender} of a tracker. */
export function createSender(
  settings: Settings,
  queue: Queue,
  log: Log,
  emit: Emit,
  isGranted: () => boolean,
): Sender {
  let callOff = () => {};
  // These are times of `performance.now`, which no page and no user sets back.
  /** 0 when nothing is scheduled. */
  let timerAt = 0;
  let failures = 0;
  /** Backoff of this page. */
  let retryAt = 0;
  /** The collector's own word. */
  let notBefore = 0;
  let isStopped = false;
  let unsent = 0;
  let generation = 0;
  let next: Promise<void> | undefined;
  let last: Promise<void> = Promise.resolve();

  const maySend = () => !isStopped && isGranted();
  const clock = () => performance.now();
  const isWelcome = () => clock() >= Math.max(retryAt, notBefore);

  function schedule(afterMs: number): void {
    const at = Math.max(clock() + afterMs, retryAt, notBefore);
    if (isStopped || (timerAt && at >= timerAt)) return;
    unschedule();
    timerAt = at;
    callOff = later(() => {
      timerAt = 0;
      flushIfWelcome();
    }, at - clock());
  }
  /** Or later: a backoff may have begun since this was scheduled. */
  function flushIfWelcome(): void {
    if (isWelcome()) void flush();
    else schedule(0);
  }
  function unschedule(): void {
    callOff();
    timerAt = 0;
  }

  function flush(): Promise<void> {
    next ??= last.then(async () => {
      next = undefined;
      unschedule();
      if (!maySend()) return;
      try {
        const hadTurn = await exclusive(`turnout:${settings.key}:lease`, drain);
        if (!hadTurn) schedule(MIN_BACKOFF_MS);
      } catch (error) {
        log.debug('flush failed', error);
        log.guard(backOff)('its own error');
      }
    });
    last = next;
    return next;
  }

  async function drain(): Promise<void> {
    unsent = 0;
    const entries = await queue.read();
    if (!maySend()) return;
    const line: FrozenBatch[] = [];
    for (const entry of entries) {
      if (entry.kind !== 'batch') continue;
      line.push(entry);
      const afterMs = (entry.notBefore ?? 0) - now();
      // A time that no answer can have asked for comes from a clock that was wrong.
      if (afterMs <= MAX_RETRY_AFTER_MS) notBefore = Math.max(notBefore, clock() + afterMs);
    }
    if (clock() < notBefore) return schedule(0);

    const fresh: WaitingInteraction[] = [];
    const stale: WaitingInteraction[] = [];
    const replaced: string[] = [];
    let dropped = 0;
    for (const entry of entries) {
      if (entry.kind === 'interaction') (queue.fresh.delete(entry.id) ? fresh : stale).push(entry);
      else if (entry.kind === 'drop') dropped += entry.dropped;
      else continue;
      replaced.push(entry.id);
    }
    const first = freeze(fresh, 0, dropped);
    const frozen = [...first, ...freeze(stale, 1, first.length ? 0 : dropped)];
    if (frozen.length) {
      log.debug(`froze ${frozen.length}`);
      await queue.write(frozen.map(asStored), replaced);
    }
    // The least tried first: a batch that the collector chokes on does not hold up the others.
    line.unshift(...frozen);
    line.sort((a, b) => a.attempt - b.attempt);
    for (const batch of line) {
      if (!maySend()) return;
      const since = generation;
      const outcome = await send(settings, batch);
      if (since !== generation) return;
      const more = await settle(batch, outcome);
      if (!more) return;
      line.push(...more);
    }
  }

  /** Acts on an outcome. Gives batches that have to be sent besides, or nothing when all others have to wait. */
  async function settle(batch: FrozenBatch, outcome: Outcome): Promise<FrozenBatch[] | undefined> {
    log.debug(`batch ${batch.id}, attempt ${batch.attempt}: ${outcome.kind}`, outcome);
    switch (outcome.kind) {
      case 'delivered': {
        failures = retryAt = 0;
        // Its interactions too: a spill of theirs may still be there.
        await queue.write([], [batch.id, ...batch.ids]);
        const { interactions } = JSON.parse(batch.body);
        const { accepted, rejected } = outcome.answer;
        emit('sent', {
          batchId: batch.id,
          accepted,
          interactions: interactions.filter(
            (_: Interaction, index: number) => !rejected.some((one) => one.index === index),
          ),
        });
        for (const { index, code, message } of rejected) {
          emit('rejected', { batchId: batch.id, code, message, interaction: interactions[index] });
        }
        return [];
      }
      case 'split': {
        const halves = split(batch);
        if (!halves.length) return setAside(batch, '413 one interaction is too large');
        await queue.write(halves.map(asStored), [batch.id]);
        return halves;
      }
      case 'rejected':
        return setAside(batch, outcome.why);
      case 'stopped':
        isStopped = true;
        complain(
          `the write key "${settings.key}" for ${location.origin}: ${outcome.why}. Check the key and its origins`,
        );
        return;
      case 'retry': {
        const wait = outcome.afterMs;
        if (wait !== undefined) {
          notBefore = clock() + wait;
          batch.notBefore = now() + wait;
        }
        await queue.write([asStored(batch)]);
        backOff(outcome.why);
        return;
      }
    }
  }

  function complain(about: string): void {
    log.warnOnce(`The collector at ${settings.endpoint} refused ${about}.`);
  }

  async function setAside(batch: FrozenBatch, why: string): Promise<FrozenBatch[]> {
    complain(`a batch: ${why}. Check the endpoint, and the versions of SDK and collector`);
    // No batch will tell what this one told, nor deliver what is in it.
    await queue.write([{ ...batch, kind: 'quarantine' }, aDrop(batch.ids.length + batch.dropped)]);
    for (const interaction of JSON.parse(batch.body).interactions) {
      emit('rejected', { batchId: batch.id, code: 'batch_refused', message: why, interaction });
    }
    return [];
  }

  /** Full jitter: a thousand browsers that failed together do not come back together. */
  function backOff(why: string): void {
    const most = Math.min(MAX_BACKOFF_MS, MIN_BACKOFF_MS * 2 ** ++failures);
    const afterMs = Math.max(MIN_BACKOFF_MS, Math.random() * most);
    retryAt = clock() + afterMs;
    log.debug(`next attempt in ${afterMs | 0} ms: ${why}`);
    schedule(0);
  }

  function leave(): void {
    const batches = maySend() && isWelcome() ? freeze([...queue.fresh.values()], 0) : [];
    queue.spill(batches);
    for (const batch of batches) {
      if (fitsKeepalive(batch)) {
        const since = generation;
        void send(settings, batch)
          // Only a page that came back gets here.
          .then((outcome) => (since === generation ? settle(batch, outcome) : undefined))
          .catch(log.debug);
      } else {
        sendBeacon(settings, batch);
      }
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
      const isUrgent = URGENT.includes(type);
      const afterMs = isUrgent ? Math.min(URGENT_AFTER_MS, settings.flushAfterMs) : settings.flushAfterMs;
      schedule(unsent >= FLUSH_AT_LENGTH ? 0 : afterMs);
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
      unschedule();
      stopListening();
    },
  };
}
