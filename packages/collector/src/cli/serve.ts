import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { serveStatic } from '@hono/node-server/serve-static';
import { defineCommand } from 'citty';
import type { Hono } from 'hono';
import { pino } from 'pino';
import { readConfig, type Settings } from '../config.ts';
import { type StartOptions, startCollector } from '../node.ts';
import { removeRunFile, writeRunFile } from '../run-file.ts';
import { shownUrl } from '../writable-database.ts';
import { isShown } from './is-shown.ts';
import { createLogger } from './logger.ts';
import { serverArguments, settingsOf } from './settings.ts';

export const serve = defineCommand({
  meta: { name: 'serve', description: 'Run the collector' },
  args: serverArguments,
  run: ({ args }) => runCollector(settingsOf(args), { site: args.site }),
});

interface RunOptions extends Pick<StartOptions, 'onTaken'> {
  /** Folder to serve at `/`. */
  site?: string | undefined;
  /** Is called with the addresses before the line for scripts is printed. */
  greet?: (url: string, sqlUrl: string) => void;
}

/**
 * Runs a collector until SIGTERM or SIGINT, then lets it finish and exits 0. Prints one JSON line when
 * it is ready.
 */
export async function runCollector(settings: Settings, options: RunOptions): Promise<void> {
  const config = readConfig(settings, process.env);
  const { site, greet, onTaken } = options;
  if (site !== undefined && !existsSync(site)) {
    throw new Error(`There is no folder ${resolve(site)} to serve. Name one with --site.`);
  }
  // Without files to load again it means what it means to every process: the terminal is gone.
  const isReloadable = config.sitesFile !== undefined || config.geoDb !== undefined;
  // Who asks for a reload while the collector starts does not mean its end. The files are read by then.
  let isReloadDue = false;
  const noteReload = () => {
    isReloadDue = true;
  };
  if (isReloadable) process.on('SIGHUP', noteReload);
  // Standard output carries the one line that scripts wait for; everything else goes to standard error.
  const log = createLogger(config.logLevel, pino.destination(2));
  const collector = await startCollector(config, {
    log,
    ...(onTaken ? { onTaken } : {}),
    ...(site === undefined
      ? {}
      : {
          extend: (app) => serveSite(app, site),
        }),
  });
  const { url, sqlUrl, enginePid, adminToken } = collector;
  try {
    await writeRunFile(config.dataDir, {
      pid: process.pid,
      url,
      sql_url: sqlUrl,
      admin_token: adminToken,
      sites_file: config.sitesFile === undefined ? undefined : resolve(config.sitesFile),
    });
  } catch (error) {
    // On a disk that is full, say: a server that nobody can find would go on holding port and folder.
    await collector.close();
    throw error;
  }

  let isStopping = false;
  const hurry = new AbortController();
  const stop = async () => {
    // A second signal does not wait for balancers.
    if (isStopping) return hurry.abort();
    isStopping = true;
    collector.drain();
    if (config.drainMs > 0)
      await setTimeout(config.drainMs, undefined, { signal: hurry.signal }).catch(() => undefined);
    await collector.close();
    await removeRunFile(config.dataDir);
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());
  process.off('SIGHUP', noteReload).on('SIGHUP', () => (isReloadable ? collector.reload() : void stop()));
  if (isReloadDue) collector.reload();

  // Whoever reads the output of a service has no business with its password.
  const shown = shownUrl(sqlUrl);
  greet?.(url, shown);
  process.stdout.write(
    `${JSON.stringify({ msg: 'listening', url, sql_url: shown, pid: process.pid, engine_pid: enginePid })}\n`,
  );
}

/** An example or a page of your own, beside the collector. Links are followed. */
function serveSite(app: Hono, folder: string): void {
  const files = serveStatic({ root: relative(process.cwd(), resolve(folder)) || '.' });
  app.use('*', (c, next) => (isShown(c.req.path) ? files(c, next) : next()));
}
