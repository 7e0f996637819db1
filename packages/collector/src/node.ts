/**
 * The collector on Node: everything of `open-collector.ts`, and a port of its own.
 */
import type { Hono } from 'hono';
import type { Config } from './config.ts';
import { type Listening, listen, requireFreePort } from './listen.ts';
import { type OpenCollector, type OpenOptions, openCollector } from './open-collector.ts';

export { type Config, ConfigError, readConfig, type Settings } from './config.ts';
export { type OpenCollector, type OpenOptions, openCollector };

/** Where a running collector is found. */
export interface RunningCollector extends Omit<OpenCollector, 'app' | 'handle' | 'announce'> {
  url: string;
  /** Stops accepting, finishes what was begun, stores what the log holds (10 s at most), closes the engine. */
  close(): Promise<void>;
}

export interface StartOptions extends OpenOptions {
  /** Routes beside the collector's own, such as the example site of `turnout dev`. */
  extend?: (app: Hono) => void;
}

/**
 * Starts a collector.
 *
 * @throws DataFolderTaken, PortTaken, or the engine's own error; whatever was opened is closed again.
 */
export async function startCollector(config: Config, options: StartOptions): Promise<RunningCollector> {
  await requireFreePort(config.host, config.port);
  const collector = await openCollector(config, options);
  let server: Listening;
  try {
    options.extend?.(collector.app);
    server = await listen(collector.app, { ...config, isBehindProxies: config.trustedProxies > 0 });
  } catch (error) {
    await collector.close();
    throw error;
  }
  return {
    url: server.url,
    sqlUrl: collector.sqlUrl,
    get enginePid() {
      return collector.enginePid;
    },
    adminToken: collector.adminToken,
    reload: collector.reload,
    drain: collector.drain,
    async close() {
      collector.drain();
      try {
        await server.close();
      } finally {
        await collector.close();
      }
    },
  };
}
