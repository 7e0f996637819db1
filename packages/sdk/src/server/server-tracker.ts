/**
 * The tracker of a server: purchases and webhooks, delivered at least once and counted once.
 *
 * Interactions wait in memory, which is bounded. Nothing here throws after the tracker is made, and no promise
 * rejects: what goes wrong is a value, or is told to `onError`. Platform APIs only, so that it runs on Node, on
 * Bun and Deno, and at the edge.
 */
import { type Interaction, MAX_ID_LENGTH } from '@turnout/schema/wire';
import type { DetailsOf, InteractionName, PropsOf } from '../catalog.ts';
import { type Details, writeInteraction } from '../interaction.ts';
import { isText } from '../is-text.ts';
import { quietly } from '../quietly.ts';
import { freeze, type Waiting } from './freeze.ts';
import { createLine, type Delivery } from './line.ts';

/** What {@link createServerTracker} is told. */
export interface ServerTrackerOptions {
  /** The address of your collector: an absolute http(s) URL. */
  endpoint: string;
  /** The write key of your site, such as `wk_demo`. */
  key: string;
  /** Where this runs. Rollups count `production` only, which is also what a missing `env` means. */
  env?: string;
  /**
   * How long an interaction may wait for others before it is sent.
   * @defaultValue `1000`
   */
  flushAfterMs?: number;
  /**
   * How long {@link ServerTracker.flush} tries. What is not delivered by then waits for the next time.
   * @defaultValue `25000`
   */
  flushWithinMs?: number;
  /**
   * How many interactions wait at most while the collector cannot be reached. More are not taken, and counted.
   * @defaultValue `10000`
   */
  maxWaiting?: number;
  /**
   * Hears what went wrong and will not right itself. What it throws is ignored.
   * @defaultValue `console.warn` with the message.
   */
  onError?: (problem: ServerProblem) => void;
}

/** What went wrong. */
export interface ServerProblem {
  /**
   * `invalid`: `track` was called with what cannot be recorded. `full`: too many wait. `rejected`: the collector
   * will not take an interaction, or a batch. `unreachable`: a flush ended with some still waiting; they are kept.
   */
  kind: 'invalid' | 'full' | 'rejected' | 'unreachable';
  /** What is wrong with which value, and what to do. */
  message: string;
  /** How many interactions it is about. */
  count: number;
}

/** The person it is about: one of the ids must be there. */
type Who = { userId: string; visitorId?: string } | { visitorId: string; userId?: string };

/** When it happened; a key needs a time that is the same at each delivery of a webhook. */
type When =
  | {
      /**
       * When it happened, if not now.
       * @defaultValue The time of the call.
       */
      occurredAt?: Date | number;
      idempotencyKey?: undefined;
    }
  | {
      occurredAt: Date | number;
      /**
       * Says that this is the same thing as before, such as the id of a webhook: with the same type, person, entity
       * and time it counts once, whoever sends it how often. For another person or entity it is another thing.
       */
      idempotencyKey: string;
    };

/** What `track` is told on a server: who, when, and what it happened to. */
export type ServerDetails<Name = string> = DetailsOf<Name> &
  Who &
  When & {
    /** The visit that it belongs to, if the page told you; else what one person does in a day is one. */
    sessionId?: string;
  };

/** Records what happens on a server. Made by {@link createServerTracker}. */
export interface ServerTracker {
  /**
   * Records that something happened, for the next batch.
   *
   * @returns False when it was not taken, because it cannot be recorded or too many wait: `onError` hears why.
   * @example
   * tracker.track('purchase', {
   *   userId: order.userId,
   *   entity: `event:${order.eventId}`,
   *   orderId: order.id,
   *   value: 49.5,
   *   currency: 'USD',
   * });
   */
  track<Name extends InteractionName>(
    type: Name,
    details: ServerDetails<Name> &
      (Record<never, never> extends PropsOf<Name> ? unknown : { props: PropsOf<Name> }),
  ): boolean;
  /**
   * Sends what waits, and tries again while it fails, for 25 s at most. Never rejects.
   *
   * @example
   * ctx.waitUntil(tracker.flush());
   */
  flush(): Promise<Delivery>;
  /** Flushes for the last time, and takes nothing more. Call it when the server stops. */
  close(): Promise<Delivery>;
}

/**
 * Creates the tracker of a server.
 *
 * @throws TypeError when an option is wrong. Nothing throws after that.
 * @example
 * const tracker = createServerTracker({ endpoint: 'https://stats.example.com', key: 'wk_demo' });
 */
export function createServerTracker(options: ServerTrackerOptions): ServerTracker {
  const { env, flushAfterMs = 1_000, flushWithinMs = 25_000, maxWaiting = 10_000, onError } = options;
  const destination = readDestination(options);
  const head = { sdk: 'server/0.1.0', ...(env !== undefined && { env }) };
  const waiting: Waiting[] = [];
  let dropped = 0;
  let isClosed = false;
  let stopTimer = () => {};
  let isScheduled = false;
  let last: Promise<unknown> = Promise.resolve();

  const report = (kind: ServerProblem['kind'], message: string, count = 1) =>
    quietly(() => {
      if (onError) onError({ kind, message, count });
      else console.warn(`[turnout] ${message}`);
    });
  const line = createLine(
    destination,
    ({ id, code, message }) => report('rejected', `The collector rejected ${id} (${code}): ${message}`),
    (batch, why) =>
      report(
        'rejected',
        `The collector refused a batch of ${batch.count}: ${why}. They are given up.`,
        batch.count,
      ),
  );
  const count = () => waiting.length + line.count();

  function schedule(afterMs: number): void {
    if (isScheduled || isClosed) return;
    isScheduled = true;
    const timer = setTimeout(() => {
      isScheduled = false;
      void flush();
    }, afterMs);
    // A server that is done may end: `flush` is there for what must not be lost by that.
    (timer as { unref?: () => void }).unref?.();
    stopTimer = () => {
      clearTimeout(timer);
      isScheduled = false;
    };
  }

  function flush(): Promise<Delivery> {
    // One after the other: two would send the same batch.
    const turn = last.then(async () => {
      stopTimer();
      const untold = dropped;
      dropped = 0;
      line.add(await freeze(waiting.splice(0), head, untold));
      const delivery = await line.send(Date.now() + flushWithinMs);
      if (delivery.waiting) {
        report(
          'unreachable',
          `${delivery.waiting} interactions wait, because ${destination.endpoint} did not take them: ${delivery.error}`,
          delivery.waiting,
        );
        schedule(Math.max(flushAfterMs, line.notBefore() - Date.now()));
      }
      return delivery;
    });
    last = turn;
    return turn;
  }

  return {
    track(type, details) {
      const one = quietly(() => read(type, details));
      if (isClosed || !one || typeof one === 'string') {
        const why = isClosed ? 'the tracker is closed' : (one ?? 'its details cannot be read');
        report('invalid', `track("${type}"): ${why}.`);
        return false;
      }
      if (count() >= maxWaiting) {
        dropped++;
        report('full', `track("${type}"): ${maxWaiting} interactions wait already, this one is dropped.`);
        return false;
      }
      waiting.push(one);
      schedule(flushAfterMs);
      return true;
    },
    flush,
    close() {
      isClosed = true;
      stopTimer();
      return flush();
    },
  };
}

/** What a call of `track` says; a text where it cannot be recorded. */
function read(type: string, given: object): Waiting | string {
  const { visitorId, userId, sessionId, occurredAt, idempotencyKey, ...details } = given as Details &
    Record<string, unknown>;
  if (!isText(userId ?? visitorId, MAX_ID_LENGTH)) {
    return `it needs a "userId" or a "visitorId": a text of at most ${MAX_ID_LENGTH} characters. Pages tell theirs by tracker.ids()`;
  }
  const at = occurredAt === undefined ? undefined : Math.round(Number(occurredAt));
  if (at !== undefined && Number.isNaN(new Date(at).getTime())) {
    return `"occurredAt" cannot be ${String(occurredAt)}. Pass a Date, or milliseconds since 1970`;
  }
  if (idempotencyKey !== undefined && !isText(idempotencyKey, 2_000)) {
    return `"idempotencyKey" cannot be ${String(idempotencyKey)}. Pass the id of the webhook, or leave it out`;
  }
  const interaction: Interaction = JSON.parse(writeInteraction(type, details as Details).text);
  if (at !== undefined) interaction.occurred_at = at;
  return {
    person: {
      ...(visitorId !== undefined && { visitor_id: String(visitorId) }),
      ...(userId !== undefined && { user_id: String(userId) }),
      ...(sessionId !== undefined && { session_id: String(sessionId) }),
    },
    interaction,
    idempotencyKey: idempotencyKey as string | undefined,
  };
}

function readDestination({ endpoint, key }: ServerTrackerOptions): { endpoint: string; key: string } {
  if (typeof endpoint !== 'string' || !/^https?:\/\/[^/\s]/.test(endpoint)) {
    throw new TypeError(
      `createServerTracker: "endpoint" cannot be ${JSON.stringify(endpoint)}. Pass the address of your collector, such as "https://stats.example.com".`,
    );
  }
  if (!isText(key, MAX_ID_LENGTH)) {
    throw new TypeError(
      `createServerTracker: "key" cannot be ${JSON.stringify(key)}. Pass the write key of your site, such as 'wk_demo'.`,
    );
  }
  return { endpoint: endpoint.replace(/\/+$/, ''), key };
}
