import { expect, test, vi } from 'vitest';
import { aRoot } from './fake-page.test-helper.ts';
import {
  Track,
  TrackContext,
  TrackList,
  TrackPageviews,
  useConsent,
  useExperiment,
  useFunnel,
  useScrollDepth,
  useSearchTracking,
  useTrack,
  useTracker,
  useViewDuration,
} from './index.ts';

test('says once that the provider is missing, and goes on without recording', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  function Share() {
    useViewDuration({ entity: 'event:1' });
    useScrollDepth({ list: 'feed' });
    useFunnel('ticket').abandon();
    const { status } = useConsent();
    const { variant } = useExperiment('hero', { variants: ['a', 'b'], fallback: 'b' });
    const search = useSearchTracking();
    const track = useTrack();
    const tracker = useTracker();
    return (
      <button
        type="button"
        onClick={() => {
          search.query('jazz');
          track('share', { entity: 'event:1' });
          tracker.view({ entity: 'event:1' }).end();
          tracker.context({ feed_tab: 'events' })();
        }}
      >
        {status} {variant}
      </button>
    );
  }
  const { render, unmount } = aRoot();
  const app = (
    <Track entity="event:1" impression click duration>
      <div>
        <TrackPageviews />
        <TrackList id="feed">
          <TrackContext value={{ surface: 'feed' }}>
            <Share />
          </TrackContext>
        </TrackList>
      </div>
    </Track>
  );

  render(app);
  const button = document.querySelector('button');
  button?.click();
  const shown = button?.textContent;
  render(<main>{app}</main>);
  unmount();

  expect(shown).toBe('granted b');
  expect(warn).toHaveBeenCalledTimes(1);
  expect(warn).toHaveBeenCalledWith(
    '[turnout] There is no <TrackingProvider> above a component that tracks, so nothing is recorded. ' +
      'Wrap your app in <TrackingProvider tracker={tracker}>, with a tracker from createTracker().',
  );
});
