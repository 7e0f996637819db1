import { expect, test, vi } from 'vitest';
import { createMemoryTracker } from './memory-tracker.ts';

test('keeps what is recorded, in the words of the wire', () => {
  const tracker = createMemoryTracker();
  const stop = tracker.context({ feed_tab: 'events' });

  tracker.track('ticket_click', { entity: 'event:42', list: 'home', props: { ticket_provider: 'dice' } });
  stop();
  tracker.track('setlist_open');

  expect(tracker.interactions).toMatchObject([
    {
      type: 'ticket_click',
      entity_type: 'event',
      entity_id: '42',
      list_id: 'home',
      props: { feed_tab: 'events', ticket_provider: 'dice' },
    },
    { type: 'custom', name: 'setlist_open' },
  ]);
});

test('finds what a test expects by the details that it names', () => {
  const tracker = createMemoryTracker();
  tracker.track('click', { entity: 'event:1', position: 0 });
  tracker.track('click', { entity: 'event:2', position: 1, props: { genre: 'jazz', tags: ['a'] } });
  tracker.track('setlist_open', { entity: 'event:2' });

  expect(tracker.expect('click').entity_id).toBe('1');
  expect(tracker.expect('click', { entity: 'event:2', props: { tags: ['a'] } }).position).toBe(1);
  expect(tracker.expect('setlist_open', { entity: 'event:2' }).type).toBe('custom');
  tracker.expectNone('click', { entity: 'event:3' });
  tracker.expectNone('like');
});

test('says what was recorded instead', () => {
  const tracker = createMemoryTracker();
  expect(() => tracker.expect('click', { entity: 'event:1' })).toThrow(
    'expect: no click with {"entity":"event:1"} was recorded. Nothing was. Is the tracker the one that the page uses',
  );

  tracker.track('click', { entity: 'event:2', position: 1 });
  expect(() => tracker.expect('click', { entity: 'event:1', position: 1 })).toThrow(
    'expect: no click with {"entity":"event:1","position":1} was recorded. ' +
      'The nearest click differs in: entity_id is "2", expected "1".\n' +
      'Recorded were:\n  1. click {"position":1,"entity_type":"event","entity_id":"2"}',
  );
  expect(() => tracker.expect('like', { props: { a: 1 } })).toThrow(
    'Nothing of this type was.\nRecorded were:',
  );
  expect(() => tracker.expectNone('click')).toThrow(
    'expectNone: 1 click with {} was recorded:\n  1. click {',
  );
});

test('forgets on request', () => {
  const tracker = createMemoryTracker();
  tracker.track('click');

  tracker.clear();

  expect(tracker.interactions).toEqual([]);
});

test('obeys consent', async () => {
  const tracker = createMemoryTracker({ consent: 'pending' });
  const dropped = vi.fn();
  tracker.on('dropped', dropped);

  tracker.track('like', { entity: 'event:1' });
  expect(tracker.interactions).toEqual([]);
  tracker.consent.grant();
  tracker.expect('like', { entity: 'event:1' });
  await tracker.flush();
  tracker.track('save');
  tracker.consent.deny();
  tracker.track('share');

  expect(tracker.interactions.map(({ type }) => type)).toEqual(['like', 'save']);
  expect(dropped.mock.calls).toEqual([[{ count: 1, reason: 'denied' }]]);
  expect(tracker.ids()).toEqual({});
});

test('tells what was sent, once', async () => {
  const tracker = createMemoryTracker();
  const sent = vi.fn();
  const stop = tracker.on('sent', sent);
  tracker.track('like');

  await tracker.flush();
  await tracker.flush();
  stop();
  tracker.track('like');
  await tracker.flush();

  expect(sent.mock.calls).toMatchObject([[{ accepted: 1, interactions: [{ type: 'like' }] }]]);
});

test('knows who is here', () => {
  const tracker = createMemoryTracker();
  const { visitorId } = tracker.ids();

  tracker.identify('user_1', { city: 'Austin' });
  expect(tracker.ids()).toMatchObject({ userId: 'user_1', visitorId });
  tracker.expect('identify', { props: { city: 'Austin' } });
  tracker.reset();

  expect(tracker.ids().userId).toBeUndefined();
  expect(tracker.ids().visitorId).not.toBe(visitorId);
});

test('passes interactions through beforeSend', () => {
  const tracker = createMemoryTracker({
    beforeSend: (interaction) => (interaction.type === 'like' ? null : { ...interaction, surface: 'test' }),
  });

  tracker.track('like');
  tracker.track('save');

  expect(tracker.interactions).toMatchObject([{ type: 'save', surface: 'test' }]);
});

test('records the parts of a view', () => {
  const tracker = createMemoryTracker();

  const view = tracker.view({ entity: 'event:1', surface: 'event_modal' });
  view.end('close', { viewed_setlist: true });
  view.end();

  expect(tracker.interactions.map(({ part, props }) => [part, props])).toEqual([
    [0, undefined],
    [1, { viewed_setlist: true, end_reason: 'close' }],
  ]);
  tracker.expect('view', { entity: 'event:1', viewId: view.viewId });
});

test('records nothing once it is stopped', () => {
  const tracker = createMemoryTracker();

  tracker.stop();
  tracker.track('like');

  tracker.expectNone('like');
});
