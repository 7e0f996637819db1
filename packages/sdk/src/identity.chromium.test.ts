import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { introduce } from './debug/narrate.ts';
import { aCollector, cleanUp, leavePage, startNetwork, storedEntries } from './fake-collector.ts';
import { readOptions, type TrackerOptions } from './options.ts';
import { startTracker, type Tracker } from './tracker.ts';

const tabs: Tracker[] = [];
beforeAll(startNetwork);
afterEach(() => {
  for (const tab of tabs.splice(0)) tab.stop();
  vi.restoreAllMocks();
  cleanUp();
});

/** Another page of the same site: it shares what the browser stores, and nothing else. */
function aTab(collector: ReturnType<typeof aCollector>, options: Partial<TrackerOptions> = {}): Tracker {
  const { key, endpoint } = collector;
  const settings = readOptions({ key, endpoint, pageViews: false, flushAfterMs: 600_000, ...options });
  const tab = startTracker(settings, () => Promise.reject());
  tabs.push(tab);
  return tab;
}

const stored = (key: string) => Object.keys(localStorage).filter((name) => name.includes(key));
const databases = async () => (await indexedDB.databases()).map(({ name }) => name);
const typesOf = (collector: ReturnType<typeof aCollector>) =>
  collector.interactions().map(({ type, name }) => name ?? type);

test('records and keeps nothing once another tab refused, though nobody told it', async () => {
  const collector = aCollector();
  const [here, there] = [aTab(collector), aTab(collector)];
  here.track('click', { name: 'before' });
  there.track('click', { name: 'before' });
  await expect.poll(() => storedEntries(collector.key)).toHaveLength(2);

  there.optOut();
  await expect.poll(() => here.consent.status()).toBe('denied');
  here.track('click', { name: 'after' });
  await here.flush();

  expect(collector.attempts).toEqual([]);
  expect(stored(collector.key)).toEqual([`turnout:${collector.key}:consent`]);
  await expect.poll(() => storedEntries(collector.key)).toEqual([]);
});

/** As another subdomain leaves it in the cookie: refused just now, and agreed to once more. */
async function refuseAndAgreeElsewhere({ key }: { key: string }, after: number) {
  await expect.poll(() => Date.now()).toBeGreaterThan(after);
  localStorage.setItem(`turnout:${key}:consent`, `granted ${Date.now()}`);
}

test('sends nothing of before a refusal elsewhere, though somebody agreed since', async () => {
  const collector = aCollector();
  const before = aTab(collector);
  before.track('click', { name: 'before' });
  await expect.poll(() => storedEntries(collector.key)).toHaveLength(1);
  before.stop();
  await refuseAndAgreeElsewhere(collector, Date.now());

  const tab = aTab(collector);
  tab.track('click', { name: 'after' });
  await tab.flush();

  expect(typesOf(collector)).toEqual(['after']);
});

test('hears of a refusal that was taken back before it looked', async () => {
  const collector = aCollector();
  const tab = aTab(collector);
  const heard = vi.fn();
  tab.on('consent', heard);
  tab.track('click', { name: 'before' });
  const { visitorId } = tab.ids();
  await refuseAndAgreeElsewhere(collector, Date.now());

  await expect.poll(() => tab.consent.status() && heard.mock.calls).toEqual([['denied'], ['granted']]);
  tab.track('click', { name: 'after' });
  await tab.flush();

  expect(typesOf(collector)).toEqual(['after']);
  // The other subdomain made it, after the refusal.
  expect(tab.ids().visitorId).toBe(visitorId);
});

test('leaves what another tab recorded after the refusal was taken back', async () => {
  const collector = aCollector();
  const stale = aTab(collector);
  stale.track('click', { name: 'before' });
  await expect.poll(() => storedEntries(collector.key)).toHaveLength(1);
  await refuseAndAgreeElsewhere(collector, Date.now());
  const other = aTab(collector);
  other.track('click', { name: 'after' });
  await expect.poll(() => storedEntries(collector.key)).toHaveLength(2);

  await expect.poll(() => stale.consent.status()).toBe('granted');
  stale.track('click', { name: 'here' });
  await stale.flush();
  await other.flush();

  expect(typesOf(collector).sort()).toEqual(['after', 'here']);
});

test('takes a refusal from a clock that ran ahead for no reason to hold things back', async () => {
  const collector = aCollector();
  localStorage.setItem(`turnout:${collector.key}:consent`, `granted ${Date.now() + 3_600_000}`);

  const tab = aTab(collector);
  tab.track('click', { name: 'after' });
  await tab.flush();

  expect(typesOf(collector)).toEqual(['after']);
});

test('takes the word of this page for who is signed in, whatever an earlier visit left', async () => {
  const collector = aCollector();
  const earlier = aTab(collector);
  earlier.identify('alice');
  earlier.stop();

  const tab = aTab(collector, { consent: 'pending' });
  tab.identify('bob');
  tab.consent.grant();
  expect(tab.ids().userId).toBe('bob');
  tab.stop();
  const other = aTab(collector, { consent: 'pending', userId: 'carol' });
  other.consent.grant();
  expect(other.ids().userId).toBe('carol');
});

test('knows the person of the page again after a refusal, and not after they signed out', () => {
  const tab = aTab(aCollector(), { userId: 'bob' });

  tab.consent.deny();
  tab.consent.grant();
  expect(tab.ids().userId).toBe('bob');
  tab.reset();
  tab.consent.deny();
  tab.consent.grant();
  expect(tab.ids().userId).toBeUndefined();
});

test('leaves the person of the tab that was answered, where another tab is older', async () => {
  const collector = aCollector();
  const [older, newer] = ['alice', 'bob'].map((userId) => aTab(collector, { consent: 'pending', userId }));

  newer?.consent.grant();
  await expect.poll(() => older?.consent.status()).toBe('granted');

  expect(newer?.ids().userId).toBe('bob');
  expect(older?.ids().userId).toBe('bob');
});

test('hears of an agreement in another tab, also without cookies', async () => {
  const collector = aCollector();
  const [here, there] = [1, 2].map(() => aTab(collector, { cookieless: true }));
  here?.consent.deny();
  await expect.poll(() => there?.consent.status()).toBe('denied');

  here?.consent.grant();

  await expect.poll(() => there?.consent.status()).toBe('granted');
});

test('keeps nothing without cookies, but a refusal', () => {
  const collector = aCollector();
  const tab = aTab(collector, { consent: 'pending', cookieless: true });

  tab.consent.grant();
  expect(stored(collector.key)).toEqual([]);
  tab.consent.deny();
  expect(stored(collector.key)).toEqual([`turnout:${collector.key}:consent`]);
  expect(aTab(collector, { cookieless: true }).consent.status()).toBe('denied');
  tab.consent.grant();
  expect(stored(collector.key)).toEqual([]);
});

test('looks at the decision when the page is hidden or shown', async () => {
  const collector = aCollector();
  const tab = aTab(collector);
  const heard = vi.fn();
  tab.on('consent', heard);
  localStorage.setItem(`turnout:${collector.key}:consent`, 'denied');

  await expect
    .poll(() => {
      document.dispatchEvent(new Event('visibilitychange'));
      return heard.mock.calls;
    })
    .toEqual([['denied']]);
});

test('keeps the refusal and the visitor for its own origin where no cookie is taken', async () => {
  const collector = aCollector();
  const options = { cookieDomain: 'elsewhere.example' };
  const [first, second] = [aTab(collector, options), aTab(collector, options)];
  const { visitorId } = first.ids();
  expect(second.ids().visitorId).toBe(visitorId);

  first.optOut();

  expect(aTab(collector, options).consent.status()).toBe('denied');
  expect(stored(collector.key)).toEqual([`turnout:${collector.key}:consent`]);
});

test('says in debug mode that no cookie is taken', () => {
  const settings = readOptions({ key: 'wk_demo', endpoint: '/t', cookieDomain: 'elsewhere.example' });

  expect(introduce(settings)).toContain('takes no cookie for "elsewhere.example"');
  expect(introduce({ ...settings, cookieDomain: undefined })).not.toContain('cookie for');
});

test('makes one visitor and one session of all tabs that waited for the same answer', async () => {
  const collector = aCollector();
  const waiting = [1, 2, 3].map(() => aTab(collector, { consent: 'pending' }));
  for (const tab of waiting) tab.track('click');

  waiting[2]?.consent.grant();
  for (const tab of waiting) {
    await expect.poll(() => tab.consent.status()).toBe('granted');
    tab.track('click');
    await tab.flush();
  }

  const batches = collector.attempts.map(({ batch }) => batch);
  expect(collector.interactions()).toHaveLength(6);
  expect(new Set(batches.map(({ visitor_id }) => visitor_id)).size).toBe(1);
  expect(new Set(batches.map(({ session_id }) => session_id)).size).toBe(1);
  expect(batches.every(({ consent }) => consent === 'granted')).toBe(true);
});

test('gives what waited to the visitor of an earlier visit, in a session of its own', async () => {
  const collector = aCollector();
  const earlier = aTab(collector);
  const { visitorId, sessionId } = earlier.ids();
  earlier.stop();
  const [session = ''] = stored(collector.key).filter((name) => name.endsWith(':session'));
  localStorage.setItem(session, `${sessionId} ${Date.now() - 3_600_000}`);

  const tab = aTab(collector, { consent: 'pending' });
  tab.track('click');
  tab.consent.grant();
  tab.track('click');
  await tab.flush();

  expect(collector.attempts).toHaveLength(1);
  expect(collector.attempts[0]?.batch.visitor_id).toBe(visitorId);
  expect(collector.attempts[0]?.batch.session_id).not.toBe(sessionId);
});

test('begins anew at the grant: page, view and clock', async () => {
  const collector = aCollector();
  const tab = aTab(collector, { consent: 'denied', pageViews: true });
  const clock = vi.spyOn(performance, 'now');
  const at = performance.now();
  const view = tab.view({ entity: 'event:1' });
  const secret = view.viewId;
  clock.mockReturnValue(at + 9_000);

  tab.consent.grant();
  clock.mockReturnValue(at + 10_000);
  view.end();
  await tab.flush();

  expect(collector.interactions()).toMatchObject([
    { type: 'page_view' },
    { type: 'view', entity_id: '1', part: 0, duration_ms: 1_000 },
  ]);
  expect(collector.interactions()[1]?.view_id).not.toBe(secret);
});

test('measures a page anew that was open through a refusal', async () => {
  const collector = aCollector();
  const tab = aTab(collector, { pageViews: true });
  const clock = vi.spyOn(performance, 'now');
  const at = performance.now();
  await tab.flush();
  tab.consent.deny();
  clock.mockReturnValue(at + 9_000);

  tab.consent.grant();
  clock.mockReturnValue(at + 10_000);
  leavePage();
  clock.mockRestore();
  await tab.flush();

  // What goes with the page is sent once more by one that stays.
  const [first, second, ...rest] = new Map(collector.interactions().map((it) => [it.id, it])).values();
  expect([first?.type, second?.type]).toEqual(['page_view', 'page_view']);
  expect(second?.view_id).not.toBe(first?.view_id);
  expect(rest).toMatchObject([{ type: 'view', view_id: second?.view_id, part: 1, duration_ms: 1_000 }]);
});

test('makes an impression of what is in sight when consent is granted', async () => {
  const collector = aCollector();
  const tab = aTab(collector, { consent: 'denied' });
  const card = document.body.appendChild(document.createElement('div'));
  card.style.cssText = 'width:100px;height:100px';
  const onImpression = vi.fn();
  tab.observe(card, () => ({ entity: 'event:1', impression: { ms: 20, onImpression } }));
  await expect.poll(() => onImpression.mock.calls).toHaveLength(1);

  tab.consent.grant();
  await expect.poll(() => onImpression.mock.calls).toHaveLength(2);
  await tab.flush();

  expect(typesOf(collector)).toEqual(['impression']);
});

test('gives an open view another id and clock when the visitor is forgotten', async () => {
  const collector = aCollector();
  const tab = aTab(collector);
  const clock = vi.spyOn(performance, 'now');
  const at = performance.now();
  const view = tab.view({ entity: 'event:1' });
  const before = view.viewId;
  clock.mockReturnValue(at + 9_000);

  await tab.forget();
  clock.mockReturnValue(at + 10_000);
  view.end();
  clock.mockRestore();
  await tab.flush();

  expect(collector.interactions()).toMatchObject([{ part: 0, duration_ms: 1_000, view_id: view.viewId }]);
  expect(view.viewId).not.toBe(before);
});

test('creates no database while nobody has decided', async () => {
  const collector = aCollector();
  const tab = aTab(collector, { consent: 'pending' });
  await tab.ready();
  tab.track('click');
  await tab.flush();
  leavePage();

  expect(await databases()).not.toContain(`turnout-${collector.key}`);
  expect(stored(collector.key)).toEqual([]);
});

test('sends what an earlier page left once consent is granted', async () => {
  const collector = aCollector();
  const earlier = aTab(collector);
  earlier.track('click', { name: 'earlier' });
  await expect.poll(() => storedEntries(collector.key)).toHaveLength(1);
  earlier.stop();

  const tab = aTab(collector, { consent: 'pending', flushAfterMs: 0 });
  await tab.ready();
  expect(collector.attempts).toEqual([]);
  tab.consent.grant();

  await expect.poll(() => typesOf(collector)).toEqual(['earlier']);
});

test('asking for ids does not prolong a visit', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const tab = aTab(aCollector());
  tab.track('click');
  const { sessionId } = tab.ids();

  // A page that renders every ten minutes and reads an experiment each time.
  for (let n = 0; n < 2; n++) {
    vi.setSystemTime(Date.now() + 10 * 60_000);
    expect(tab.ids().sessionId).toBe(sessionId);
  }
  vi.setSystemTime(Date.now() + 11 * 60_000);

  expect(tab.ids().sessionId).not.toBe(sessionId);
  vi.useRealTimers();
});

test.each(['takes texts and keeps none', 'takes no more'])('keeps its ids where storage %s', async (how) => {
  const collector = aCollector();
  const tab = aTab(collector);
  tab.identify('ann');
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    if (how === 'takes no more') throw new DOMException('full', 'QuotaExceededError');
  });
  const other = aTab(aCollector());

  tab.identify('bob');
  const { visitorId, sessionId } = other.ids();
  // What is known is asked for anew after a moment.
  const asked = performance.now();
  await expect.poll(() => performance.now() - asked).toBeGreaterThan(100);

  expect(tab.ids().userId).toBe('bob');
  expect(other.ids()).toEqual({ visitorId, sessionId, userId: undefined });
});
