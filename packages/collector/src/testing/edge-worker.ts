import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Log, LogLevel, Miniflare } from 'miniflare';
import { build } from 'vite';

const EXAMPLE = fileURLToPath(new URL('../../../../examples/edge-worker', import.meta.url));

type Deliver = (
  queue: string,
  messages: { id: string; body: unknown; timestamp: Date; attempts: number }[],
) => Promise<{ outcome: string; explicitAcks: string[]; retryMessages: { msgId: string }[] }>;

export interface EdgeSettings {
  clickhouseUrl: string;
  sites: object[];
  /** In the place of those of every test. */
  bindings?: Record<string, string>;
  /** Where Durable Objects keep their storage, so that a worker that is started again finds it. */
  storage?: string;
  /** Requests a minute of one network. */
  addressLimit?: number;
}

/** The example of a worker in workerd, with a queue and a Durable Object of its own, as `wrangler.toml` sets it up. */
export async function anEdgeWorker(settings: EdgeSettings) {
  const { clickhouseUrl, sites, bindings = {}, storage, addressLimit } = settings;
  const toml = await readFile(`${EXAMPLE}/wrangler.toml`, 'utf8');
  const setting = (name: string) => new RegExp(`^${name} = (.+)$`, 'm').exec(toml)?.[1] ?? '';
  const text = (name: string) => JSON.parse(setting(name)) as string;
  const queue = text('queue');
  const miniflare = new Miniflare({
    log: new Log(LogLevel.NONE),
    handleRuntimeStdio(out: Readable, err: Readable) {
      // The worker's own lines; what a test expects is in the tables.
      out.resume();
      err.resume();
    },
    modules: [{ type: 'ESModule', path: 'index.js', contents: await bundled() }],
    compatibilityDate: text('compatibility_date'),
    compatibilityFlags: JSON.parse(setting('compatibility_flags')) as string[],
    bindings: {
      TURNOUT_SITES: JSON.stringify({ sites }),
      TURNOUT_SECRET: 'the same for all collectors of a test',
      TURNOUT_CLICKHOUSE_URL: clickhouseUrl,
      ...bindings,
    },
    queueProducers: { [text('binding')]: queue },
    queueConsumers: {
      [queue]: {
        maxBatchSize: Number(setting('max_batch_size')),
        // As fast as it goes: the example waits longer for a fuller block.
        maxBatchTimeout: 0.1,
        maxRetries: Number(setting('max_retries')),
        deadLetterQueue: text('dead_letter_queue'),
      },
    },
    ...(storage === undefined ? {} : { durableObjectsPersist: storage }),
    ...(addressLimit === undefined
      ? {}
      : { ratelimits: { TURNOUT_ADDRESS_LIMIT: { simple: { limit: addressLimit, period: 60 } } } }),
    durableObjects: { TURNOUT_WRITER: { className: text('class_name'), useSQLite: true } },
  });
  const url = (await miniflare.ready).href.replace(/\/$/, '');
  const worker = await miniflare.getWorker();
  /** Delivers messages as the queue would; miniflare's types know no queue of a worker. */
  const deliver = (messages: readonly { id: string; body: unknown }[]) =>
    (worker as unknown as { queue: Deliver }).queue(
      queue,
      messages.map((message) => ({ ...message, timestamp: new Date(), attempts: 1 })),
    );
  return { url, deliver, miniflare };
}

let bundle: Promise<string> | undefined;

/** The one file that is deployed, made as wrangler makes it: everything inside but what the runtime has. */
function bundled(): Promise<string> {
  bundle ??= build({
    configFile: false,
    logLevel: 'silent',
    ssr: {
      target: 'webworker',
      noExternal: true,
      resolve: { conditions: ['workerd', 'worker', 'import', 'default'] },
    },
    build: {
      ssr: `${EXAMPLE}/src/index.ts`,
      write: false,
      minify: false,
      rolldownOptions: { external: [/^node:/], output: { format: 'esm' } },
    },
  }).then((built) => {
    const output = (built as { output: { code?: string }[] }).output;
    return output[0]?.code ?? '';
  });
  return bundle;
}
