/**
 * The collector on Cloudflare Workers: the same app, with a queue in the place of the log.
 *
 * `fetch` acknowledges when the queue has acknowledged; `queue` hands what it delivers to the one
 * {@link TurnoutWriter}, which writes one block for each delivery. What is promised: docs/edge.md.
 */
import type { EdgeBindings, ObjectStorage, QueueBatch } from './edge/bindings.ts';
import { type EdgeConfig, readEdgeConfig } from './edge/config.ts';
import { createEdgeApp } from './edge/edge-app.ts';
import { edgeLog } from './edge/edge-log.ts';
import { entriesOf } from './edge/messages.ts';
import { type ObjectLimits, openObjectLimits } from './edge/object-limits.ts';
import { storeDelivery } from './edge/store-delivery.ts';
import { createWebDatabase } from './edge/web-database.ts';
import { writerAt } from './edge/writer-client.ts';
import { type EdgeWriter, openEdgeWriter } from './edge/writer-object.ts';

export type { EdgeBindings } from './edge/bindings.ts';

/** The worker. Export it as the default of your entry, or call its `fetch` beside routes of your own. */
const worker = {
  async fetch(request: Request, env: EdgeBindings): Promise<Response> {
    const app = appOf(env);
    if (app) return app.fetch(request, env);
    const { pathname } = new URL(request.url);
    if (pathname === '/healthz') return new Response('ok\n');
    const message =
      'This collector is not configured yet: its log says what is missing. Send this again later.';
    return Response.json(
      { ready: false, error: { code: 'not_configured', message } },
      { status: 503, headers: { 'Retry-After': '60' } },
    );
  },

  async queue(batch: QueueBatch, env: EdgeBindings): Promise<void> {
    const config = configOf(env);
    await storeDelivery(batch, config && writerAt(config.writer), edgeLog);
  },
};
export default worker;

/**
 * A Durable Object with SQLite storage, whose class your entry has to export under this name: one is the writer, and each
 * write key that has limits is counted in one of its own.
 */
export class TurnoutWriter {
  readonly #storage: ObjectStorage;
  readonly #env: EdgeBindings;
  readonly #limits: ObjectLimits;
  #writer: Promise<EdgeWriter> | undefined;

  constructor(state: { storage: ObjectStorage }, env: EdgeBindings) {
    this.#storage = state.storage;
    this.#env = env;
    this.#limits = openObjectLimits(state.storage);
  }

  async fetch(request: Request): Promise<Response> {
    try {
      return Response.json((await this.#answer(request)) ?? {});
    } catch (error) {
      return Response.json({ error: String(error).slice(0, 1_000) }, { status: 503 });
    }
  }

  async #answer(request: Request): Promise<unknown> {
    const { pathname, searchParams } = new URL(request.url);
    const asked = (name: string) => searchParams.get(name) ?? '';
    if (pathname === '/count') return { wait: this.#limits.count(Number(asked('rate'))) };
    if (pathname === '/spend')
      return { before: await this.#limits.spend(asked('date'), Number(asked('interactions'))) };
    const config = configOf(this.#env);
    if (!config) throw new Error('The worker is not configured yet.');
    this.#writer ??= openEdgeWriter({
      storage: this.#storage,
      database: createWebDatabase(config.clickhouse, config.clickhouseCluster),
      log: edgeLog,
    }).catch((error) => {
      // The object may live for days: whoever asks next opens it anew.
      this.#writer = undefined;
      throw error;
    });
    const writer = await this.#writer;
    switch (pathname) {
      case '/store':
        return writer.store(entriesOf(await request.text()));
      case '/salt':
        return { salt: await writer.salt(asked('day')) };
      case '/repaired':
        return writer.repaired();
      case '/counts':
        return writer.counts();
      default:
        return writer.state();
    }
  }
}

const configs = new WeakMap<EdgeBindings, EdgeConfig | undefined>();
const apps = new WeakMap<EdgeConfig, ReturnType<typeof createEdgeApp>>();

/** Read once for each set of bindings; undefined, and a line in the log, when something is wrong with them. */
function configOf(env: EdgeBindings): EdgeConfig | undefined {
  if (!configs.has(env)) {
    const config = readEdgeConfig(env);
    if ('problems' in config) edgeLog.error({ problems: config.problems }, 'the worker is not configured');
    configs.set(env, 'problems' in config ? undefined : config);
  }
  return configs.get(env);
}

function appOf(env: EdgeBindings): ReturnType<typeof createEdgeApp> | undefined {
  const config = configOf(env);
  if (!config) return undefined;
  const app = apps.get(config) ?? createEdgeApp(config);
  apps.set(config, app);
  return app;
}
