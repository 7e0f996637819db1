// The collector beside the routes of a server of plain node:http.
import { createServer } from 'node:http';
import { openCollector, readConfig } from '@turnout/collector/node';

const config = readConfig({ dataDir: process.env.DATA_DIR, sqlPort: '0' }, process.env);
const collector = await openCollector(config, {
  log: { info() {}, warn: console.warn, error: console.error },
});

const server = createServer((request, response) => {
  const [, rest] = /^\/stats(\/.*)$/.exec(request.url) ?? [];
  if (rest === undefined) {
    response.end('My own page\n');
    return;
  }
  request.url = rest;
  void collector.handle(request, response);
});

server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', async () => {
  const { port } = server.address();
  // From now on the commands find it, such as "npx turnout query".
  await collector.announce(`http://127.0.0.1:${port}/stats`);
  console.log(`http://127.0.0.1:${port}`);
});

// Who watches what arrives is sent away, nothing comes any more, and then what came is stored.
process.once('SIGTERM', () => {
  collector.drain();
  server.close(() => collector.close());
});
