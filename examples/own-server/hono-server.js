// The collector under a path of your own Hono server: pages load /stats/t.js and send to /stats.
import { serve } from '@hono/node-server';
import { openCollector, readConfig } from '@turnout/collector/node';
import { Hono } from 'hono';

const config = readConfig({ dataDir: process.env.DATA_DIR, sqlPort: '0' }, process.env);
const collector = await openCollector(config, {
  log: { info() {}, warn: console.warn, error: console.error },
});

const app = new Hono();
app.get('/', (c) => c.text('My own page\n'));
app.mount('/stats', collector.app.fetch);

const server = serve(
  { fetch: app.fetch, hostname: '127.0.0.1', port: Number(process.env.PORT ?? 3000) },
  async (info) => {
    // From now on the commands find it, such as "npx turnout query".
    await collector.announce(`http://127.0.0.1:${info.port}/stats`);
    console.log(`http://127.0.0.1:${info.port}`);
  },
);

// Who watches what arrives is sent away, nothing comes any more, and then what came is stored.
process.once('SIGTERM', () => {
  collector.drain();
  server.close(() => collector.close());
});
