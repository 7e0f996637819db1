import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { aCollector, cleanUp, leavePage, startNetwork, storedEntries } from './fake-collector.ts';
import { createFunnel } from './funnel.ts';

beforeAll(startNetwork);
afterEach(() => {
  vi.restoreAllMocks();
  cleanUp();
});

const storedNames = (key: string) => Object.keys(localStorage).filter((name) => name.includes(key));

test('takes personal data out of props and queries, unless told not to', async () => {
  const collector = aCollector();
  const other = aCollector();
  const [scrubbed, raw] = [collector.tracker(), other.tracker({ scrub: false })];

  for (const tracker of [scrubbed, raw]) {
    tracker.track('search', { query: 'ada@example.com', props: { note: 'call +44 20 7946 0958' } });
    await tracker.flush();
  }

  expect(collector.interactions()).toMatchObject([{ query: '[email]', props: { note: 'call [phone]' } }]);
  expect(other.interactions()).toMatchObject([
    { query: 'ada@example.com', props: { note: 'call +44 20 7946 0958' } },
  ]);
});

test('knows the numbers of Europe and the letters of all alphabets, also in the address of the page', async () => {
  const collector = aCollector();
  const tracker = collector.tracker();
  history.pushState(null, '', '/reset/jörg@müller.de');

  tracker.track('search', {
    query: '020 7946 0958',
    props: { note: "o'brien@x.ie or 0171-2345678", starts: '2026-11-21 19:30', seats: '1 012 345 678' },
  });
  await tracker.flush();
  history.back();

  expect(collector.interactions()).toMatchObject([
    {
      query: '[phone]',
      props: { note: '[email] or [phone]', starts: '2026-11-21 19:30', seats: '1 012 345 678' },
    },
  ]);
  expect(collector.attempts[0]?.batch.contexts).toMatchObject([{ page_path: '/reset/[email]' }]);
});

test('takes who somebody is out of traits, however it is called and wherever it stands', async () => {
  const collector = aCollector();
  const other = aCollector();
  const traits = {
    full_name: 'Ada Lovelace',
    firstName: 'Ada',
    'Phone-Number': 5_125_550_100,
    birthday: '1990-05-12',
    dob: '12/05/1990',
    contact: { eMail: 'ada at example', friends: [{ nickname: 'Bob', since: 2020 }] },
    has_phone: true,
    city: 'Austin',
    favorite_artist_name: 'Khruangbin',
  };

  for (const tracker of [collector.tracker(), other.tracker({ scrub: false })]) {
    tracker.identify('u-1', traits);
    // Elsewhere a name is that of an artist, or of a seat.
    tracker.track('click', { props: { name: 'A 12' } });
    await tracker.flush();
  }

  expect(collector.interactions().map(({ props }) => props)).toEqual([
    {
      birthday: '1990',
      contact: { friends: [{ since: 2020 }] },
      has_phone: true,
      city: 'Austin',
      favorite_artist_name: 'Khruangbin',
    },
    { name: 'A 12' },
  ]);
  expect(other.interactions()[0]?.props).toEqual(traits);
});

test('lets beforeSend change and drop, and drops what it throws on', async () => {
  const collector = aCollector();
  const tracker = collector.tracker({
    beforeSend: (interaction) => {
      if (interaction.name === 'drop') return null;
      if (interaction.name === 'throw') throw new Error('no');
      return { ...interaction, id: 'not mine to change', surface: 'changed' };
    },
  });

  for (const name of ['drop', 'throw', 'keep']) tracker.track('click', { name });
  await tracker.flush();

  expect(collector.interactions()).toMatchObject([{ name: 'keep', surface: 'changed' }]);
});

test('records the share of a type that is asked for, and says which', async () => {
  const collector = aCollector();
  const tracker = collector.tracker({ sample: { scroll: 0.25, setlist_open: 0 } });
  const random = vi.spyOn(Math, 'random');

  for (const value of [0.1, 0.3]) {
    random.mockReturnValue(value);
    tracker.track('scroll');
    tracker.track('setlist_open');
    tracker.track('click');
  }
  random.mockRestore();
  await tracker.flush();

  expect(collector.interactions().map(({ type, props }) => [type, props?.sample_rate])).toEqual([
    ['scroll', 0.25],
    ['click', undefined],
    ['click', undefined],
  ]);
});

test('keeps nothing in the browser without cookies', async () => {
  const collector = aCollector();
  const tracker = collector.tracker({ cookieless: true });

  tracker.track('click', { name: 'unnamed' });
  expect(tracker.ids()).toEqual({});
  createFunnel(tracker, 'cookieless').step('details');
  expect(Object.keys(sessionStorage).filter((name) => name.includes('cookieless'))).toEqual([]);
  await tracker.flush();

  expect(collector.attempts[0]?.batch).toMatchObject({
    cookieless: true,
    interactions: [{ name: 'unnamed' }, { type: 'funnel_step' }],
  });
  expect(collector.attempts[0]?.batch).not.toHaveProperty('visitor_id');
  expect(collector.attempts[0]?.batch).not.toHaveProperty('session_id');
  tracker.track('click', { name: 'as the page goes' });
  leavePage();
  await expect.poll(() => collector.interactions().map(({ name }) => name)).toContain('as the page goes');

  expect(storedNames(collector.key)).toEqual([]);
  const databases = await indexedDB.databases();
  expect(databases.map(({ name }) => name)).not.toContain(`turnout-${collector.key}`);
});

test('counts Do Not Track only where it is asked to', () => {
  vi.spyOn(navigator as unknown as { doNotTrack: string }, 'doNotTrack', 'get').mockReturnValue('1');
  const collector = aCollector();
  const other = aCollector();

  expect(collector.tracker().consent.status()).toBe('granted');
  expect(other.tracker({ respectDnt: true }).consent.status()).toBe('denied');
});

test('remembers that a visitor opted out', async () => {
  const collector = aCollector();
  const first = collector.tracker({ consent: 'granted' });
  first.track('click');

  first.optOut();
  first.stop();
  const second = collector.tracker({ consent: 'granted' });
  second.track('click');
  await second.flush();

  expect(second.consent.status()).toBe('denied');
  expect(second.ids()).toEqual({});
  expect(collector.attempts).toEqual([]);
});

test('forgets a visitor and what waits, and goes on with another', async () => {
  const collector = aCollector();
  const tracker = collector.tracker();
  tracker.track('click', { name: 'before' });
  const { visitorId } = tracker.ids();
  createFunnel(tracker, 'ticket').step('details');
  const ofFunnel = () => Object.keys(sessionStorage).filter((name) => name.includes('funnel:ticket'));
  expect(ofFunnel()).toHaveLength(1);

  await tracker.forget();
  expect(ofFunnel()).toEqual([]);
  expect(await storedEntries(collector.key)).toEqual([]);
  tracker.track('click', { name: 'after' });
  await tracker.flush();

  expect(collector.interactions()).toMatchObject([{ name: 'after' }]);
  expect(collector.attempts[0]?.batch.visitor_id).not.toBe(visitorId);
});
