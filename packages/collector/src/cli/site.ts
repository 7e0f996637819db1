import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { defineCommand } from 'citty';
import { type SiteEntry, withoutSite, withSite } from '../edit-sites.ts';
import { isAlive } from '../held-folder.ts';
import type { RemovalReceipt } from '../privacy/site-removal.ts';
import { findRunning, type RunFile } from '../run-file.ts';
import { hashOf } from '../secret.ts';
import { askCollector } from './ask-collector.ts';
import { changeSitesFile } from './change-sites-file.ts';
import { readSitesText } from './read-sites-text.ts';
import { dataDirArgument } from './settings.ts';
import { withCollector } from './with-collector.ts';

const RELOAD_MS = 20_000;

export const site = defineCommand({
  meta: {
    name: 'site',
    description:
      'site add ID: a new site with fresh keys. site remove ID --yes: its end, and that of its data',
  },
  args: {
    action: { type: 'positional', description: '"add" or "remove"', required: true },
    id: { type: 'positional', description: 'Its name in every table, such as "venue"', required: true },
    'time-zone': { type: 'string', description: 'Where its days begin, such as Europe/London' },
    currency: { type: 'string', description: 'The one its sums are in, such as GBP' },
    origin: { type: 'string', description: 'Web origins that may send, with commas in between' },
    name: { type: 'string', description: 'What people call it' },
    yes: { type: 'boolean', description: 'Yes, erase everything that was ever sent by the site' },
    ...dataDirArgument,
  },
  async run({ args }) {
    if (args.action !== 'add' && args.action !== 'remove')
      throw new Error(`There is no "site ${args.action}". There are: site add ID, site remove ID.`);
    const dataDir = args['data-dir'] || process.env.TURNOUT_DATA_DIR || '.turnout';
    const running = await findRunning(dataDir);
    const path = process.env.TURNOUT_SITES || running?.sites_file;
    if (path === undefined)
      throw new Error(
        'Say where the sites file is, or shall be: TURNOUT_SITES=/etc/turnout/sites.json turnout site … The collector reads the same setting.',
      );
    if (args.action === 'add') return add(path, running, { ...args, dataDir });
    return remove(path, running, { id: args.id, isSure: args.yes === true, dataDir });
  },
});

interface Added {
  id: string;
  'time-zone'?: string;
  currency?: string;
  origin?: string;
  name?: string;
  dataDir: string;
}

async function add(path: string, running: RunFile | undefined, args: Added): Promise<void> {
  if (args['time-zone'] === undefined || args.currency === undefined)
    throw new Error(
      'A site has a time zone and a currency: turnout site add venue --time-zone Europe/London --currency GBP --origin https://venue.example',
    );
  const secretKey = `sk_${randomBytes(24).toString('hex')}`;
  const entry: SiteEntry = {
    id: args.id,
    ...(args.name === undefined ? {} : { name: args.name }),
    time_zone: args['time-zone'],
    currency: args.currency,
    write_keys: [`wk_${randomBytes(12).toString('hex')}`],
    secret_keys: [hashOf(secretKey)],
    origins: (args.origin ?? '').split(',').flatMap((origin) => origin.trim() || []),
  };
  await changeSitesFile(path, (text) => withSite(text, entry), args.dataDir);
  const [writeKey = ''] = entry.write_keys;
  let notLoaded: unknown;
  const isLoaded = await reload(
    path,
    running,
    async ({ url }) => (await answerTo(url, writeKey)) !== 401,
  ).catch((error) => {
    notLoaded = error;
    return false;
  });
  // Whatever else went wrong, the file has the site now, and the secret key is nowhere but here.
  process.stdout.write(
    `${JSON.stringify({ site_id: entry.id, write_key: writeKey, secret_key: secretKey, sites_file: resolve(path), loaded: isLoaded }, null, 2)}\n`,
  );
  process.stderr.write(
    'The secret key is shown this once; the file has its hash. Keep it where servers keep secrets.\n',
  );
  if (notLoaded) throw notLoaded;
  if (!isLoaded)
    process.stderr.write(
      `No collector reads this file now. Start one with TURNOUT_SITES=${resolve(path)}.\n`,
    );
}

async function remove(
  path: string,
  running: RunFile | undefined,
  { id, isSure, dataDir }: { id: string; isSure: boolean; dataDir: string },
): Promise<void> {
  const text = await readSitesText(path);
  const edited = withoutSite(text, id);
  const isListed = (JSON.parse(text) as { sites: { id: string }[] }).sites.some((entry) => entry.id === id);
  // A removal that was cut off has taken it out already: it goes on.
  if ('problems' in edited && isListed) throw new Error(edited.problems.join('\n'));
  if (!isSure)
    throw new Error(
      `This erases everything that the site "${id}" ever sent, for good, and its keys stop working. Say --yes if that is meant.`,
    );
  if (running && running.sites_file !== resolve(path))
    throw new Error(
      `The collector of ${dataDir} does not read ${path}. Take the site out of the file that it reads, reload it, and say this again.`,
    );
  if (isListed) {
    const keys = keysOf(text, id);
    await changeSitesFile(path, (now) => withoutSite(now ?? text, id), dataDir);
    await reload(path, running, async ({ url }) =>
      (await Promise.all(keys.map((key) => answerTo(url, key)))).every((status) => status === 401),
    );
  }
  await withCollector(dataDir, async ({ url, token }) => {
    const { receipt } = await askCollector<{ step: string; table: string }, { receipt: RemovalReceipt }>(
      { url, admin_token: token },
      `/v1/admin/remove-site?site=${encodeURIComponent(id)}&listed=${isListed}`,
      ({ step, table }) => void process.stderr.write(`${step}: ${table}\n`),
    );
    process.stdout.write(`${JSON.stringify(receipt, null, 2)}\n`);
    if (receipt.other_collectors > 0) process.stderr.write(OTHERS);
  });
}

const OTHERS =
  'Other collectors write into this database. What they took before is left out; what they take from now on is stored while their sites file lists the site. ' +
  'Take it out of the sites file of each, reload each, and say this again if they took something meanwhile: the receipt then counts it.\n';

function keysOf(text: string, id: string): string[] {
  const { sites } = JSON.parse(text) as { sites: { id: string; write_keys: (string | { key: string })[] }[] };
  const keys = sites.find((entry) => entry.id === id)?.write_keys ?? [];
  return keys.map((key) => (typeof key === 'string' ? key : key.key));
}

/** What an empty body is answered: 401 to a key that is unknown, 400 to one that is known. */
async function answerTo(url: string, key: string): Promise<number> {
  const response = await fetch(`${url}/v1/interactions?key=${encodeURIComponent(key)}`, { method: 'POST' });
  await response.body?.cancel();
  return response.status;
}

/**
 * Has the running collector read its file again, and waits until it shows.
 *
 * @returns False when none is running that reads this file.
 */
async function reload(
  path: string,
  running: RunFile | undefined,
  isLoaded: (running: RunFile) => Promise<boolean>,
): Promise<boolean> {
  // To a process without the file the signal would mean: stop.
  if (!running || running.sites_file !== resolve(path)) return false;
  // One that ends meanwhile reads the file at its next start.
  if (!isAlive(running.pid)) return false;
  process.kill(running.pid, 'SIGHUP');
  for (const until = performance.now() + RELOAD_MS; performance.now() < until; ) {
    if (await isLoaded(running).catch(() => false)) return true;
    if (!isAlive(running.pid)) return false;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('The collector did not load the sites file. Its log says why.');
}
