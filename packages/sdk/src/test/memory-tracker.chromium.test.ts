import { afterEach, expect, test } from 'vitest';
import { createMemoryTracker } from './memory-tracker.ts';

afterEach(() => document.body.replaceChildren());

test('records clicks on observed elements, and impressions on request', () => {
  const tracker = createMemoryTracker();
  const button = document.body.appendChild(document.createElement('button'));
  const stop = tracker.observe(button, () => ({
    entity: 'event:42',
    position: 3,
    impression: true,
    click: { type: 'like' },
  }));

  button.click();
  tracker.see(button);
  stop();
  button.click();

  expect(tracker.interactions.map(({ type }) => type)).toEqual(['like', 'impression']);
  tracker.expect('like', { entity: 'event:42' });
  tracker.expect('impression', { entity: 'event:42', position: 3, visibleRatio: 1 });
  expect(() => tracker.see(button)).toThrow(
    'see: nobody observes this <button>. Observed are: no elements at all.',
  );
  tracker.stop();
});
