import { defineCommand } from 'citty';
import { readConfig } from '../config.ts';
import { startCollector } from '../node.ts';
import { findRunning } from '../run-file.ts';
import { createProgram } from '../seed/program.ts';
import { createRandom } from '../seed/random.ts';
import { createVisit } from '../seed/visit.ts';
import { onlyKey } from './only-key.ts';
import { dataDirArgument } from './settings.ts';

const DAY_MS = 86_400_000;
/** What comes while one group is synced travels with the next. */
const REQUESTS_AT_ONCE = 10;
const AGENTS = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15',
] as const;

export const seed = defineCommand({
  meta: { name: 'seed', description: 'Fill the database with made-up fans; the same days twice count once' },
  args: {
    events: { type: 'string', description: 'Concerts on the programme', default: '50' },
    days: { type: 'string', description: 'Days of history up to now', default: '30' },
    visits: { type: 'string', description: 'Visits a day', default: '100' },
    key: { type: 'string', description: 'Write key of the site, where there are several' },
    ...dataDirArgument,
  },
  run: async ({ args }) => {
    const counts = {
      events: count('events', args.events),
      days: count('days', args.days),
      visits: count('visits', args.visits),
    };
    const config = readConfig({ dataDir: args['data-dir'], port: '0', sqlPort: '0' }, process.env);
    const running = await findRunning(config.dataDir);
    const key = args.key ?? onlyKey(config, running);
    if (running) {
      await sendHistory(running.url, running.admin_token, key, counts);
      return;
    }
    const silent = { info: () => {}, warn: () => {}, error: () => {} };
    const collector = await startCollector(config, { log: silent });
    try {
      await sendHistory(collector.url, collector.adminToken, key, counts);
    } finally {
      await collector.close();
    }
  },
});

function count(name: string, text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new Error(`--${name} must be a whole number from 1 to 999999, but it is ${JSON.stringify(text)}.`);
}

async function sendHistory(
  url: string,
  token: string,
  key: string,
  { events, days, visits }: { events: number; days: number; visits: number },
): Promise<void> {
  const now = Date.now();
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  let interactions = 0;
  const requests: Promise<void>[] = [];
  for (let day = today - (days - 1) * DAY_MS; day <= today; day += DAY_MS) {
    const date = new Date(day).toISOString().slice(0, 10);
    // A day's visits follow from its date alone: seeding it again makes the same ids.
    const random = createRandom(`day ${date} ${events} ${visits}`);
    const program = createProgram(events, today);
    for (let visit = 0; visit < visits; visit += 1) {
      const visitor = `fan-${random.int(0, visits * 3)}`;
      const batch = createVisit(random, program, visitor, day + random.int(0, DAY_MS - 3_600_000));
      const agent = AGENTS[visit % AGENTS.length] as string;
      // Today is not over: what would lie ahead is left out.
      if (batch.interactions.some(({ occurred_at }) => occurred_at > now)) continue;
      const request = fetch(`${url}/v1/admin/import?key=${encodeURIComponent(key)}`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'User-Agent': agent },
        body: JSON.stringify(batch),
      });
      requests.push(request.then(refuseErrors));
      interactions += batch.interactions.length;
      if (requests.length >= REQUESTS_AT_ONCE) await Promise.all(requests.splice(0));
    }
    await Promise.all(requests.splice(0));
    process.stderr.write(`${date}  ${interactions} interactions\n`);
  }
  process.stdout.write(`${interactions} interactions of ${days} days sent; they are in SQL within 2 s.\n`);
}

async function refuseErrors(response: Response): Promise<void> {
  if (!response.ok) throw new Error(`The collector refused the history: ${await response.text()}`);
}
