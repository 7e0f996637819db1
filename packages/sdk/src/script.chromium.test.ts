import { HttpResponse } from 'msw';
import { afterEach, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
// @ts-expect-error: text, as Vite serves it.
import documentation from '../../../docs/sdk.md?raw';
import { aCollector, accept, aMouth, cleanUp, startNetwork } from './fake-collector.ts';
import type { Tracker } from './tracker.ts';

interface Turnout {
  (name: string, ...args: unknown[]): unknown;
  q?: unknown[];
  options?: object;
  tracker?: Tracker;
}
const scope = window as unknown as { turnout?: Turnout };

beforeAll(startNetwork);
// Compiled once, so that no test waits for it.
beforeAll(() => import('./debug/panel.ts'));
afterEach(() => {
  scope.turnout?.tracker?.stop();
  delete scope.turnout;
  document.querySelector('turnout-debug')?.remove();
  for (const tag of document.querySelectorAll('script[data-key]')) tag.remove();
  cleanUp();
});

let loads = 0;
async function load(attributes: Record<string, string>, file = 'script.ts'): Promise<void> {
  const tag = document.createElement('script');
  tag.type = 'text/plain'; // Never run: the module below finds it by its key.
  for (const [name, value] of Object.entries(attributes)) tag.setAttribute(name, value);
  document.head.append(tag);
  const entry = `./${file}?load=${loads++}`;
  await import(/* @vite-ignore */ entry);
}

test('answers the calls made before it came, in their order, and all later ones', async () => {
  const collector = aCollector();
  scope.turnout = (...command) => {
    scope.turnout?.q?.push(command);
  };
  scope.turnout.q = [];
  scope.turnout('identify', 'user_1');
  scope.turnout('track', 'ticket_click', { entity: 'event:42' });

  await load({ 'data-key': collector.key, 'data-endpoint': collector.endpoint, 'data-env': 'test' });
  scope.turnout('track', 'setlist_open');
  await scope.turnout('flush');

  expect(collector.attempts[0]?.batch).toMatchObject({ env: 'test' });
  expect(collector.interactions().map(({ type, name }) => name ?? type)).toEqual([
    'page_view',
    'identify',
    'ticket_click',
    'setlist_open',
  ]);
});

test('obeys the stub that somebody kept', async () => {
  const collector = aCollector();
  const kept: Turnout = (...command) => {
    const turnout = scope.turnout as { q?: unknown[] };
    turnout.q ??= [];
    turnout.q.push(command);
  };
  scope.turnout = kept;
  kept('track', 'ticket_click', { entity: 'event:42' });

  await load({ 'data-key': collector.key, 'data-endpoint': collector.endpoint, 'data-page-views': 'false' });
  kept('track', 'like', { entity: 'event:42' });
  await scope.turnout?.('flush');

  expect(collector.interactions().map(({ type }) => type)).toEqual(['ticket_click', 'like']);
});

test('takes a path for one of the page, whatever its <base> says', async () => {
  const collector = aCollector(accept, '/stats');
  const base = document.createElement('base');
  base.href = 'https://elsewhere.example.com/';
  document.head.append(base);
  onTestFinished(() => base.remove());

  await load({ 'data-key': collector.key, 'data-endpoint': '/stats/' });
  await scope.turnout?.('flush');

  expect(collector.attempts).toHaveLength(1);
});

test('posts to where it came from, unless told otherwise', async () => {
  const collector = aCollector();

  await load({ 'data-key': collector.key, src: `${collector.endpoint}/t.js` });
  await scope.turnout?.('flush');

  expect(collector.attempts).toHaveLength(1);
});

test('takes consent from its attribute and from commands', async () => {
  const collector = aCollector();
  await load({ 'data-key': collector.key, 'data-endpoint': collector.endpoint, 'data-consent': 'pending' });
  await scope.turnout?.('flush');
  expect(scope.turnout?.('consent')).toBe('pending');
  expect(collector.attempts).toHaveLength(0);

  expect(scope.turnout?.('consent', 'granted')).toBe('granted');
  await scope.turnout?.('flush');

  expect(collector.interactions().map(({ type }) => type)).toEqual(['page_view']);
});

test('reads data attributes by itself', async () => {
  const collector = aCollector();
  document.body.innerHTML = '<button data-track="like" data-track-entity="event:42">Like</button>';
  await load({ 'data-key': collector.key, 'data-endpoint': collector.endpoint, 'data-page-views': 'false' });

  document.querySelector('button')?.click();
  await scope.turnout?.('flush');

  expect(collector.interactions()).toMatchObject([{ type: 'like', entity_id: '42' }]);
});

test('says what is missing, and throws nothing', async () => {
  const error = vi.spyOn(console, 'error').mockImplementation(() => {});

  await load({ 'data-key': '', 'data-endpoint': 'https://stats.example.com' });

  expect(error).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('The script tag needs data-key'));
});

test.each(['denid', '', 'Granted'])(
  'waits for an answer when data-consent is "%s", and says so',
  async (typo) => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const collector = aCollector();

    await load({ 'data-key': collector.key, 'data-endpoint': collector.endpoint, 'data-consent': typo });
    await scope.turnout?.('flush');

    expect(scope.turnout?.('consent')).toBe('pending');
    expect(collector.attempts).toEqual([]);
    const told = `[turnout] consent "${typo}" is unknown: use 'granted', 'denied' or 'pending'`;
    expect(warn).toHaveBeenCalledExactlyOnceWith(told);
  },
);

test('says so when a command is unknown, and obeys the next one', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const collector = aCollector();
  await load({ 'data-key': collector.key, 'data-endpoint': collector.endpoint });

  expect(scope.turnout?.('trakc', 'like')).toBeUndefined();
  scope.turnout?.('track', 'like', { entity: 'event:42' });
  await scope.turnout?.('flush');

  const told = "[turnout] turnout('trakc') is unknown: use 'track', 'identify', 'consent' …";
  expect(warn).toHaveBeenCalledExactlyOnceWith(told);
  expect(collector.interactions()).toMatchObject([{ type: 'page_view' }, { type: 'like', entity_id: '42' }]);
});

test('says so when a decision is none', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const collector = aCollector();
  await load({ 'data-key': collector.key, 'data-endpoint': collector.endpoint, 'data-consent': 'pending' });

  for (const word of ['grant', 'Granted', true, null]) {
    expect(scope.turnout?.('consent', word)).toBe('pending');
    const told = `[turnout] consent "${word}" is unknown: use 'granted', 'denied' or 'pending'`;
    expect(warn).toHaveBeenLastCalledWith(told);
  }
});

test('asks for consent the way the documentation shows', async () => {
  const collector = aCollector();
  const example = /```html\n<!-- consent -->\n(.+?)```/s.exec(documentation)?.[1] ?? '';
  document.body.innerHTML = example.replace(/<script.+?<\/script>/gs, '');
  const [, code = ''] = /<script>(.+?)<\/script>/s.exec(example) ?? [];
  await load({ 'data-key': collector.key, 'data-endpoint': collector.endpoint, 'data-consent': 'pending' });
  // The page's own code, as its author would copy it.
  new Function(code)();

  document.querySelector<HTMLElement>('#accept')?.click();
  await scope.turnout?.('flush');
  expect(collector.interactions().map(({ type }) => type)).toEqual(['page_view']);

  document.querySelector<HTMLElement>('#refuse')?.click();
  expect(scope.turnout?.('consent')).toBe('denied');
});

test('changes nothing when its tag is there twice', async () => {
  const collector = aCollector();
  const attributes = { 'data-key': collector.key, 'data-endpoint': collector.endpoint };
  await load(attributes);
  const { tracker } = scope.turnout ?? {};

  await load(attributes);

  expect(scope.turnout?.tracker).toBe(tracker);
});

test('measures everything with the larger file: search boxes, forms, funnels, experiments', async () => {
  const collector = aCollector();
  document.body.innerHTML = '<form id="contact"><input name="name"></form>';
  const form = document.querySelector('form') as HTMLFormElement;
  form.addEventListener('submit', (event) => event.preventDefault());
  const attributes = { 'data-key': collector.key, 'data-endpoint': collector.endpoint, 'data-auto': 'forms' };
  await load({ ...attributes, src: `${collector.endpoint}/t-all.js` }, 'script-all.ts');

  form.requestSubmit();
  const { turnout } = scope as Required<typeof scope>;
  const funnel = turnout('funnel', 'ticket', { entity: 'event:1' }) as { step(name: string): void };
  funnel.step('details');
  const variants = { variants: ['control', 'b'], fallback: 'control' };
  const { variant } = turnout('experiment', 'hero', variants) as { variant: string };
  await scope.turnout?.('flush');

  expect(collector.interactions().filter(({ type }) => type !== 'page_view')).toMatchObject([
    { type: 'form_submit', props: { form: 'contact' } },
    { type: 'funnel_step', entity_id: '1', props: { step: 'details' } },
    { type: 'exposure', experiment: 'hero', variant },
  ]);
});

test('takes options that are no texts from the stub', async () => {
  const collector = aCollector();
  scope.turnout = Object.assign(() => undefined, { options: { beforeSend: () => null } });

  await load({ 'data-key': collector.key, 'data-endpoint': collector.endpoint });
  scope.turnout('track', 'click');
  await scope.turnout('flush');

  expect(collector.attempts).toEqual([]);
});

test('opens the panel with data-debug', async () => {
  vi.spyOn(console, 'debug').mockImplementation(() => {});
  const collector = aCollector();

  await load({ 'data-key': collector.key, 'data-endpoint': collector.endpoint, 'data-debug': '' });

  await expect
    .poll(() => document.querySelector('turnout-debug')?.shadowRoot?.textContent ?? '')
    .toContain(`Turnout ${collector.key}: 1 recorded`);
});

test('reports on its installation when its address asks for it, and opens no panel', async () => {
  const said = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const collector = aMouth(() => HttpResponse.json({ error: { message: 'No batch.' } }, { status: 400 }));

  await load({ 'data-key': collector.key, src: `${collector.endpoint}/t.js?check` });

  await expect.poll(() => said.mock.calls.join()).toContain(`Installation of "${collector.key}"`);
  expect(said.mock.calls.join()).toContain('A program drives this browser');
  expect(document.querySelector('turnout-debug')).toBeNull();
});

test.each(['before', 'after'])(
  'shares its tracker with one that the bundle of the page made %s it',
  async (when) => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const collector = aCollector();
    if (when === 'before') collector.tracker({ pageViews: true });
    await load({ 'data-key': collector.key, 'data-endpoint': collector.endpoint });
    // Options that are the same as before are no reason to warn.
    const tracker = collector.tracker({ pageViews: true });

    tracker.track('click', { name: 'bundle' });
    scope.turnout?.('track', 'click', { name: 'tag' });
    await tracker.flush();

    expect(scope.turnout?.tracker).toBe(tracker);
    expect(collector.interactions().map(({ type, name }) => name ?? type)).toEqual([
      'page_view',
      'bundle',
      'tag',
    ]);
    expect(warn).toHaveBeenCalledTimes(when === 'before' ? 0 : 1);
  },
);

test('takes an empty attribute for none, as templates leave it', async () => {
  const collector = aCollector();

  await load({
    'data-key': collector.key,
    'data-endpoint': collector.endpoint,
    'data-env': '',
    'data-user-id': '',
  });
  await scope.turnout?.('flush');

  expect(collector.interactions().map(({ type }) => type)).toEqual(['page_view']);
  expect(collector.attempts[0]?.batch).not.toHaveProperty('env');
});
