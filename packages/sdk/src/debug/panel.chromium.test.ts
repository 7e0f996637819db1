// biome-ignore lint/style/noRestrictedImports: what a site passes in debug mode.
import { defineCatalog } from '@turnout/schema';
import { HttpResponse } from 'msw';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { aCollector, cleanUp, startNetwork } from '../fake-collector.ts';

beforeAll(startNetwork);
// Compiled once, so that no test waits for it.
beforeAll(() => import('./panel.ts'));
afterEach(() => {
  document.querySelector('turnout-debug')?.remove();
  cleanUp();
});

function listen() {
  const debug = vi.spyOn(console, 'debug').mockImplementation(() => {});
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const textsOf = (spy: typeof debug) => spy.mock.calls.map(([text]) => String(text));
  return { said: () => textsOf(debug), warned: () => textsOf(warn) };
}

const panel = () => document.querySelector('turnout-debug')?.shadowRoot?.querySelector('details');

test('tells the life of an interaction in debug mode only', async () => {
  const { said, warned } = listen();
  const quiet = aCollector();
  quiet.tracker().track('like');
  await quiet.tracker().flush();
  expect(panel()).toBeUndefined();
  expect(said()).toEqual([]);

  const loud = aCollector();
  const tracker = loud.tracker({ debug: true });
  tracker.track('like', { entity: 'no-kind' as never });
  await tracker.flush();

  await expect
    .poll(() => said().join('\n'))
    .toMatch(
      /debug mode: "wk_.+ consent granted[\s\S]+recorded like [\s\S]+delivered 1: the collector has them/,
    );
  expect(said().every((text) => text.startsWith('[turnout] '))).toBe(true);
  expect(warned()).toEqual([
    '[turnout] like: entity "no-kind" left out: write it as kind:id, such as event:42',
  ]);
});

test('shows what was recorded, sent and rejected, with the reason of the collector', async () => {
  listen();
  const collector = aCollector(({ batch }) => {
    const [first] = batch.interactions;
    const rejected = [{ index: 0, id: first?.id ?? '', code: 'bad_entity', message: 'No such kind.' }];
    return HttpResponse.json({ accepted: batch.interactions.length - 1, rejected }, { status: 202 });
  });
  const tracker = collector.tracker({ debug: true });

  tracker.track('like', { entity: 'event:1' });
  tracker.track('like', { entity: 'event:2' });
  await tracker.flush();
  tracker.track('save', { entity: 'event:3' });

  await expect
    .poll(() => panel()?.querySelector('summary')?.textContent)
    .toBe(`Turnout ${collector.key}: 3 recorded, 1 queued, 1 sent, 1 rejected, 0 dropped`);
  expect([...(panel()?.querySelectorAll('li') ?? [])].map((line) => line.textContent)).toEqual([
    'queued save event:3',
    'sent like event:2',
    'rejected like event:1bad_entity: No such kind.',
  ]);
});

test('shows what consent drops', async () => {
  const { said } = listen();
  const collector = aCollector();
  const tracker = collector.tracker({ debug: true, consent: 'pending' });

  tracker.track('like');
  tracker.consent.deny();
  tracker.track('like');

  await expect
    .poll(() => panel()?.querySelector('summary')?.textContent)
    .toContain('1 recorded, 0 queued, 0 sent, 0 rejected, 1 dropped');
  expect(said()).toEqual(
    expect.arrayContaining([
      '[turnout] dropped 1: consent was denied',
      '[turnout] not recorded: like, consent is denied',
    ]),
  );
});

test('reads data attributes, and says which it cannot', async () => {
  const { warned } = listen();
  document.body.innerHTML = `
    <b data-track-click data-track-num-price="cheap" data-track-bool-soldout="maybe" data-track-json-tags="["></b>
    <i data-track-impression="42" data-track-position="first" data-track-surfce="feed"></i>
    <u data-track="like" data-track-entity="event:1" data-track-num-price="25" data-track-prop-genre="jazz"></u>`;

  aCollector().tracker({ debug: true });

  await expect
    .poll(warned)
    .toEqual([
      '[turnout] <b>: data-track-num-price="cheap" is left out: write a number, such as 25 or 49.5',
      '[turnout] <b>: data-track-bool-soldout="maybe" is left out: write true or false',
      '[turnout] <b>: data-track-json-tags="[" is left out: write JSON, such as ["jazz"]',
      '[turnout] <i>: data-track-impression="42" is no entity: write it as kind:id, such as event:42',
      '[turnout] <i>: data-track-position="first" is left out: write a number, from 0',
      '[turnout] <i>: data-track-surfce says nothing: did you mean data-track-surface?',
    ]);
});

test('holds names against a catalogue that is loaded for it', async () => {
  const { warned } = listen();
  const catalog = defineCatalog({ setlist_open: { description: 'Fan opened the setlist of an event' } });
  const tracker = aCollector().tracker({ debug: { catalog: async () => ({ catalog }) } });

  tracker.track('setlist_open');
  tracker.track('setlst_open');

  await expect
    .poll(warned)
    .toEqual(['[turnout] setlst_open: "setlst_open" is not in the catalogue: did you mean "setlist_open"?']);
});

test('tells also when its catalogue does not load', async () => {
  const { warned, said } = listen();
  const tracker = aCollector().tracker({ debug: { catalog: () => Promise.reject('404') } });

  tracker.track('like');

  await expect.poll(() => said().join('\n')).toContain('recorded like');
  expect(warned()).toEqual(['[turnout] the catalogue did not load: 404']);
});
