import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig, startCollector } from '../node.ts';
import { anEngineForThisFile } from '../testing/engine.ts';
import { aFolder } from '../testing/temporary.ts';

const { engine, database } = anEngineForThisFile();

test('a click on a ticket link and the sale that the shop reports are one line of ticket_link_daily', async () => {
  const { host } = new URL(engine().url());
  const config = readConfig(
    { port: '0', dataDir: await aFolder() },
    { TURNOUT_CLICKHOUSE_URL: `http://turnout:${engine().password}@${host}` },
  );
  const collector = await startCollector(config, { log: { info() {}, warn() {}, error() {} } });
  onTestFinished(collector.close);
  const clickId = randomUUID();
  const clicked = Date.now() - 120_000;

  // The browser: the link was https://tickets.example/42?utm_source=venue&utm_content=<click id>.
  const click = await fetch(`${collector.url}/v1/interactions?key=wk_demo&attempt=0`, {
    method: 'POST',
    body: JSON.stringify({
      ...{ batch_id: randomUUID(), session_id: randomUUID(), visitor_id: randomUUID(), sdk: 'js/0.1.0' },
      interactions: [
        {
          ...{ id: randomUUID(), type: 'ticket_click', occurred_at: clicked },
          ...{ entity_type: 'event', entity_id: '42' },
          props: {
            click_id: clickId,
            ticket_provider: 'box-office',
            ticket_url: 'https://tickets.example/42',
          },
        },
      ],
    }),
  });
  // The shop, which knows nothing of the visitor.
  const sale = await fetch(`${collector.url}/v1/ingest/sale`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${collector.adminToken}` },
    body: JSON.stringify({
      ...{ order_id: 'A-1', occurred_at: clicked + 60_000, click_id: clickId, value: 90 },
      lines: [{ event_id: '42', price: 30, quantity: 3 }],
    }),
  });

  expect([await click.json(), await sale.json()]).toEqual([
    { accepted: 1, rejected: [] },
    { accepted: 1, rejected: [] },
  ]);
  const lines = () =>
    database().query(
      `SELECT event_id, ticket_provider, toString(ticket_clicks) AS clicks, toString(tagged_clicks) AS tagged, toString(matched_by_click_id) AS matched,
         toString(matched_from_server) AS from_server, toString(matched_tickets) AS tickets, toString(matched_revenue) AS revenue, toString(unmatched_orders) AS unmatched
       FROM turnout.ticket_link_daily(from = today() - 1, to = today(), window = 7)`,
    );
  await expect.poll(lines, { timeout: 60_000 }).toEqual([
    {
      ...{ event_id: '42', ticket_provider: 'box-office', clicks: '1', tagged: '1', matched: '1' },
      ...{ from_server: '1', tickets: '3', revenue: '90', unmatched: '0' },
    },
  ]);
});
