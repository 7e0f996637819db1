/**
 * When to send, and what to do with what came of it.
 *
 * One tab sends for all, one batch after the other. A batch leaves the queue only when the collector
 * said 202 in its own words; everything else keeps it, and says when the next attempt is.
 */
import type { Interaction, InteractionType } from '@turnout/schema/wire';
import { type FrozenBatch, freeze, split, utf8Length, type WaitingInteraction } from './batch.ts';
import type { Log } from './debug.ts';
import { exclusive } from './exclusive.ts';
import type { Settings } from './options.ts';
import type { DropReason, Queue } from './queue.ts';
import { fitsKeepalive, MAX_RETRY_AFTER_MS, type Outcome, send, sendBeacon } from './transport.ts';

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
const FLUSH_AT_BYTES = 30_000;
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
  let timer: ReturnType<typeof setTimeout> | undefined;
  let timerAt = Number.POSITIVE_INFINITY;
  let failures = 0;
  /** Backoff of this page. */
  let retryAt = 0;
  /** The collector's own word. */
  let notBefore = 0;
  let isStopped = false;
  let unsentBytes = 0;
  let generation = 0;
  let next: Promise<void> | undefined;
  let last: Promise<void> = Promise.resolve();

  const maySend = () => !isStopped && isGranted();
  const isWelcome = () => Date.now() >= Math.max(retryAt, notBefore);

  function schedule(afterMs: number): void {
    const at = Math.max(Date.now() + afterMs, retryAt, notBefore);
    if (isStopped || at >= timerAt) return;
    clearTimeout(timer);
    timerAt = at;
    timer = setTimeout(() => {
      timerAt = Number.POSITIVE_INFINITY;
      // A backoff may have begun since this was scheduled.
      if (isWelcome()) void flush();
      else schedule(0);
    }, at - Date.now());
  }

  function flush(): Promise<void> {
    next ??= last.then(async () => {
      next = undefined;
      clearTimeout(timer);
      timerAt = Number.POSITIVE_INFINITY;
      if (!maySend()) return;
      try {
        const hadTurn = await exclusive(`turnout:${settings.key}:lease`, drain);
        if (!hadTurn) schedule(MIN_BACKOFF_MS);
      } catch (error) {
        log.debug('flush failed', error);
        backOff('its own error');
      }
    });
    last = next;
    return next;
  }

  async function drain(): Promise<void> {
    unsentBytes = 0;
    const { interactions, batches } = await queue.read();
    if (!maySend()) return;
    const now = Date.now();
    for (const batch of batches) {
      // A time that no answer can have asked for comes from a clock that was wrong.
      const asked = batch.notBefore ?? 0;
      if (asked > notBefore && asked <= now + MAX_RETRY_AFTER_MS) notBefore = asked;
    }
    if (now < notBefore) return schedule(0);

    const fresh = interactions.filter(({ id }) => queue.isFresh(id));
    const stale = interactions.filter(({ id }) => !queue.isFresh(id));
    queue.notFresh(fresh.map(({ id }) => id));
    const first = freeze(fresh);
    const again = freeze(stale);
    const frozen = [...first, ...again];
    if (frozen.length) {
      log.debug(`froze ${frozen.length} batch(es)`, interactions.length);
      await queue.write(
        frozen.map((batch) => ({ kind: 'batch', ...batch })),
        interactions.map(({ id }) => id),
      );
    }
    // The least tried first: a batch that the collector chokes on does not hold up the others.
    batches.sort((a, b) => a.attempt - b.attempt);
    const line = [...first.map((batch) => ({ batch, attempt: 0 }))];
    for (const batch of [...again, ...batches]) line.push({ batch, attempt: batch.attempt });
    for (const { batch, attempt } of line) {
      if (!maySend()) return;
      const since = generation;
      const outcome = await send(settings, batch, attempt);
      if (since !== generation) return;
      const more = await settle(batch, attempt, outcome);
      if (!more) return;
      for (const part of more) line.push({ batch: part, attempt: part.attempt });
    }
  }

  /** Acts on an outcome. Gives batches that have to be sent besides, or nothing when all others have to wait. */
  async function settle(
    batch: FrozenBatch,
    attempt: number,
    outcome: Outcome,
  ): Promise<FrozenBatch[] | undefined> {
    log.debug(`batch ${batch.id}, attempt ${attempt}: ${outcome.kind}`, outcome);
    switch (outcome.kind) {
      case 'delivered': {
        failures = retryAt = 0;
        await queue.write([], [batch.id]);
        const { interactions } = JSON.parse(batch.body);
        const { accepted, rejected } = outcome.answer;
        const refused = new Set(rejected.map(({ index }) => index));
        emit('sent', {
          batchId: batch.id,
          accepted,
          interactions: interactions.filter((_: Interaction, index: number) => !refused.has(index)),
        });
        for (const { index, code, message } of rejected) {
          log.debug(`rejected: ${code} ${message}`, interactions[index]);
          emit('rejected', { batchId: batch.id, code, message, interaction: interactions[index] });
        }
        return [];
      }
      case 'split': {
        const halves = split(batch);
        if (!halves.length) return setAside(batch, '413 one interaction is too large');
        await queue.write(
          halves.map((half) => ({ kind: 'batch', ...half })),
          [batch.id],
        );
        return halves;
      }
      case 'rejected':
        return setAside(batch, outcome.why);
      case 'stopped':
        isStopped = true;
        log.warnOnce(
          `The collector at ${settings.endpoint} refused the write key "${settings.key}" for ${location.origin}: ` +
            `${outcome.why}. Check the key and the origins of its site. Nothing more is sent from this page; ` +
            'what was recorded stays in the browser for 14 days.',
        );
        return;
      case 'retry': {
        const wait = outcome.afterMs;
        if (wait !== undefined) notBefore = Date.now() + wait;
        await queue.write([
          { kind: 'batch', ...batch, attempt: attempt + 1, ...(wait !== undefined && { notBefore }) },
        ]);
        backOff(outcome.why);
        return;
      }
    }
  }

  async function setAside(batch: FrozenBatch, why: string): Promise<FrozenBatch[]> {
    log.warnOnce(
      `The collector at ${settings.endpoint} will not take a batch: ${why}. It is set aside for 14 days. ` +
        'Check the endpoint, and that SDK and collector have the same version.',
    );
    await queue.write([{ ...batch, kind: 'quarantine' }]);
    for (const interaction of JSON.parse(batch.body).interactions) {
      emit('rejected', { batchId: batch.id, code: 'batch_refused', message: why, interaction });
    }
    return [];
  }

  /** Full jitter: a thousand browsers that failed together do not come back together. */
  function backOff(why: string): void {
    const most = Math.min(MAX_BACKOFF_MS, MIN_BACKOFF_MS * 2 ** ++failures);
    const afterMs = Math.max(MIN_BACKOFF_MS, Math.random() * most);
    retryAt = Date.now() + afterMs;
    log.debug(`next attempt in ${Math.round(Math.max(retryAt, notBefore) - Date.now())} ms: ${why}`);
    schedule(0);
  }

  function leave(): void {
    const batches = maySend() && isWelcome() ? freeze(queue.fresh()) : [];
    queue.spill(batches);
    for (const batch of batches) {
      if (fitsKeepalive(batch)) {
        const since = generation;
        void send(settings, batch, 0)
          .then(async (outcome) => {
            // Only a page that came back gets here. The spill may be back in the queue, or not yet.
            await queue.recover();
            if (since === generation) await settle(batch, 0, outcome);
          })
          .catch((error) => log.debug('a batch sent at the end stays in the queue', error));
      } else {
        sendBeacon(settings, batch, 0);
      }
    }
  }

  function isOnline(): void {
    retryAt = 0;
    timerAt = Number.POSITIVE_INFINITY;
    schedule(0);
  }
  addEventListener('online', isOnline);

  return {
    add(interaction, type) {
      queue.add(interaction);
      unsentBytes += utf8Length(interaction.text);
      const isUrgent = URGENT.includes(type);
      const afterMs = isUrgent ? Math.min(URGENT_AFTER_MS, settings.flushAfterMs) : settings.flushAfterMs;
      schedule(unsentBytes >= FLUSH_AT_BYTES ? 0 : afterMs);
    },
    flush,
    schedule,
    leave,
    hidden() {
      if (isWelcome()) void flush();
    },
    forget() {
      generation++;
      unsentBytes = 0;
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
      removeEventListener('online', isOnline);
    },
  };
}
