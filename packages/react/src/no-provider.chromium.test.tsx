import { expect, test, vi } from 'vitest';
import { aRoot } from './fake-page.test-helper.ts';
import { Track, useTrack, useTracker } from './index.ts';

test('says once that the provider is missing, and goes on without recording', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  function Share() {
    const track = useTrack();
    const tracker = useTracker();
    return (
      <button
        type="button"
        onClick={() => {
          track('share', { entity: 'event:1' });
          tracker.view({ entity: 'event:1' }).end();
          tracker.context({ feed_tab: 'events' })();
        }}
      >
        Share
      </button>
    );
  }
  const { render, unmount } = aRoot();
  const app = (
    <Track entity="event:1" impression click duration>
      <div>
        <Share />
      </div>
    </Track>
  );

  render(app);
  document.querySelector('button')?.click();
  render(<main>{app}</main>);
  unmount();

  expect(warn).toHaveBeenCalledTimes(1);
  expect(warn).toHaveBeenCalledWith(
    '[turnout] There is no <TrackingProvider> above a component that tracks, so nothing is recorded. ' +
      'Wrap your app in <TrackingProvider tracker={tracker}>, with a tracker from createTracker().',
  );
});
