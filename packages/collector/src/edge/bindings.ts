/**
 * What the platform gives a worker, as far as it is used here. The platform's own types would bring theirs of
 * `fetch`, `Request` and the rest along.
 */

/** Settings and bindings, as `wrangler.toml` names them. */
export interface EdgeBindings {
  /** The text of a sites file. */
  TURNOUT_SITES?: string;
  TURNOUT_SECRET?: string;
  TURNOUT_CLICKHOUSE_URL?: string;
  TURNOUT_CLICKHOUSE_CLUSTER?: string;
  TURNOUT_ADMIN_TOKEN?: string;
  TURNOUT_METRICS_TOKEN?: string;
  TURNOUT_COUNTRY_HEADER?: string;
  TURNOUT_CITY_HEADER?: string;
  /** The queue in the place of the log. */
  TURNOUT_QUEUE?: MessageQueue;
  /** The one writer, a Durable Object of the class `TurnoutWriter`. */
  TURNOUT_WRITER?: WriterNamespace;
  /** Counts requests of a network, if it is there. */
  TURNOUT_ADDRESS_LIMIT?: AddressLimiter;
}

/** The platform's rate limiter (https://developers.cloudflare.com/workers/runtime-apis/bindings/rate-limit/). */
export interface AddressLimiter {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

/** A queue, for whoever sends. */
export interface MessageQueue {
  sendBatch(messages: readonly { body: string; contentType: 'text' }[]): Promise<unknown>;
}

/** What a queue delivers. */
export interface QueueBatch {
  messages: readonly QueueMessage[];
}

export interface QueueMessage {
  id: string;
  body: unknown;
  /** 1 at first. */
  attempts: number;
  ack(): void;
  retry(options: { delaySeconds: number }): void;
}

export interface WriterNamespace {
  idFromName(name: string): unknown;
  get(id: never): { fetch(url: string, init?: RequestInit): Promise<Response> };
}

/** What a Durable Object keeps. Keys and values of one `put` arrive together or not at all. */
export interface ObjectStorage {
  get<Value>(key: string): Promise<Value | undefined>;
  put(entries: Record<string, unknown>): Promise<void>;
  delete(keys: string[]): Promise<number>;
  list<Value>(options: { prefix: string }): Promise<Map<string, Value>>;
  transaction<Result>(work: (storage: ObjectStorage) => Promise<Result>): Promise<Result>;
}
