import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { aBrowserForThisFile } from './browser.ts';

const { openContext } = aBrowserForThisFile();

const OPTIONS = 'data-ticket-source="my-venue" data-ticket-campaign="spring"';
const MINE = { utm_source: 'my-venue', utm_medium: 'ticket_link', utm_campaign: 'spring' };
const UUID = /^[0-9a-f-]{36}$/;

async function aServer(answer: (request: IncomingMessage, body: string) => [type: string, text: string]) {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const [type, text] = answer(request, body);
    response.writeHead(request.method === 'POST' ? 202 : 200, { 'content-type': type }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A venue's page with one link, and a shop of another origin. `/shop` stands for the shop in `link`. */
async function aVisit(tag: string, link: string) {
  const script = await readFile(new URL('../packages/sdk/dist/t-all.js', import.meta.url), 'utf8');
  const asked: URL[] = [];
  const clickIds: unknown[] = [];
  const shop = await aServer(({ url }) => {
    if (url !== '/favicon.ico') asked.push(new URL(url ?? '', 'http://shop'));
    return ['text/html', '<!doctype html><title>Shop</title>'];
  });
  const html = link.replaceAll('/shop', shop);
  const venue = await aServer(({ method, url }, body) => {
    if (method === 'POST') {
      const { interactions } = JSON.parse(body) as {
        interactions: { type: string; props?: { click_id?: string } }[];
      };
      for (const { type, props } of interactions) if (type === 'ticket_click') clickIds.push(props?.click_id);
      return ['application/json', JSON.stringify({ accepted: interactions.length, rejected: [] })];
    }
    if (url === '/t-all.js') return ['text/javascript', script];
    return [
      'text/html',
      `<!doctype html><title>Venue</title><script src="/t-all.js" data-key="wk_demo" ${tag}></script>${html}`,
    ];
  });
  const page = await (await openContext()).newPage();
  await page.goto(venue);
  const hrefOf = () => page.locator('a').getAttribute('href');
  return { page, asked, clickIds, hrefOf, href: await hrefOf(), shop };
}

const aLink = (href: string, more = '') =>
  `<a href="${href}" data-track="ticket_click" data-track-entity="event:42" ${more}>Tickets</a>`;
const queryOf = (url: URL | undefined) => Object.fromEntries(url?.searchParams ?? []);

test('the shop is asked with our utm and the click id of the recorded click', async () => {
  const { page, asked, clickIds } = await aVisit(OPTIONS, aLink('/shop/42?seat=a%20b&sig=x~y'));

  await page.click('a');

  await expect.poll(() => clickIds).toEqual([expect.stringMatching(UUID)]);
  expect(asked.map(queryOf)).toEqual([{ seat: 'a b', sig: 'x~y', ...MINE, click_id: clickIds[0] }]);
  // Not written anew: some addresses are signed.
  expect(asked[0]?.search).toMatch(/^\?seat=a%20b&sig=x~y&utm_source=/);
});

test.each([
  ['the middle button', 'middle'],
  ['the keyboard', 'Enter'],
  ['a tab of its own', 'left'],
] as const)('so it is with %s, and afterwards the link is what it was', async (_, how) => {
  const visit = await aVisit(OPTIONS, aLink('/shop/42', how === 'middle' ? '' : 'target="_blank"'));

  if (how === 'Enter') await visit.page.press('a', how);
  else await visit.page.click('a', { button: how });

  await expect.poll(() => visit.asked.length).toBe(1);
  await expect.poll(visit.hrefOf).toBe(visit.href);
  await visit.page.close({ runBeforeUnload: true });
  await expect.poll(() => visit.clickIds.length).toBe(1);
  expect(queryOf(visit.asked[0])).toEqual({ ...MINE, click_id: visit.clickIds[0] });
});

test('both halves of a double click carry the id of the one click that is recorded', async () => {
  const visit = await aVisit(OPTIONS, aLink('/shop/42', 'target="_blank"'));
  const { page, asked, clickIds } = visit;

  await page.hover('a');
  for (const clickCount of [1, 2]) {
    await page.mouse.down({ clickCount });
    await page.mouse.up({ clickCount });
    await expect.poll(() => asked.length).toBe(clickCount);
    // As a hand would be: slower than the task in which the link becomes what it was.
    await expect.poll(visit.hrefOf).toBe(visit.href);
    await page.bringToFront();
  }

  await expect.poll(() => asked.length).toBe(2);
  await page.close({ runBeforeUnload: true });
  await expect.poll(() => clickIds.length).toBe(1);
  expect(asked.map((url) => url.searchParams.get('click_id'))).toEqual([clickIds[0], clickIds[0]]);
});

test.each([
  [
    'utm',
    OPTIONS,
    'utm_source=partner',
    '',
    { utm_source: 'partner', click_id: expect.stringMatching(UUID) },
  ],
  ['an id', OPTIONS, 'click_id=theirs', '', { ...MINE, click_id: 'theirs' }],
  ['an id in its props', OPTIONS, '', 'data-track-prop-click-id="mine"', { ...MINE, click_id: 'mine' }],
  [
    'nothing, for a shop that keeps utm only',
    'data-ticket-source="v" data-ticket-medium="web" data-ticket-click-id="utm_content"',
    '',
    '',
    { utm_source: 'v', utm_medium: 'web', utm_content: expect.stringMatching(UUID) },
  ],
])('a link that has %s of its own', async (_, tag, query, more, expected) => {
  const { page, asked, clickIds } = await aVisit(tag, aLink(`/shop/42?${query}`, more));

  await page.click('a');

  await expect.poll(() => clickIds.length).toBe(1);
  const got = queryOf(asked[0]);
  expect(got).toEqual(expected);
  expect(clickIds[0]).toBe(got.click_id ?? got.utm_content);
});

test('what a handler of the page sets wins, and stays', async () => {
  const set = `onclick="this.href = '/shop/chosen'"`;
  const { page, asked, hrefOf, shop } = await aVisit(OPTIONS, aLink('/shop/42', `target="_blank" ${set}`));

  await page.click('a');

  await expect.poll(() => asked.map(({ pathname, search }) => pathname + search)).toEqual(['/chosen']);
  // Two tasks later.
  await page.evaluate(() => new Promise((resolve) => setTimeout(() => setTimeout(resolve))));
  expect(await hrefOf()).toBe(`${shop}/chosen`);
});

test.each([
  ['a page without the option', '', '/shop/42'],
  ['a visitor who was not asked yet', `${OPTIONS} data-consent="pending"`, '/shop/42'],
  ['a link to the page itself', OPTIONS, '/here?a=b#c'],
  ['a link for mail', OPTIONS, 'mailto:box@venue.example'],
  ['a link that is none', OPTIONS, 'https://:::'],
  ['a visitor without cookies', `${OPTIONS} data-cookieless`, '/shop/42'],
  [
    'a campaign whose content stands where ids would',
    'data-ticket-source="v" data-ticket-click-id="utm_content"',
    '/shop/42?utm_source=partner&utm_content=hero',
  ],
])('leaves alone %s', async (_, tag, href) => {
  const { page, href: before } = await aVisit(tag, aLink(href));
  // Ours hears the click before: the link is as the browser would follow it.
  await page.evaluate(() => {
    addEventListener('click', (event) => {
      const link = (event.target as Element).closest('a');
      Object.assign(window, { followed: link?.getAttribute('href'), prevented: event.defaultPrevented });
      event.preventDefault();
    });
  });

  await page.click('a');

  expect(await page.evaluate('[followed, prevented]')).toEqual([before, false]);
});
