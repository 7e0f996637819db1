import { useTrack } from '@turnout/react';
import { StrictMode, useState } from 'react';
import { afterEach, expect, test } from 'vitest';
import { Track, TrackList } from '../index.ts';
import * as entry from './index.ts';
import { createTrackingWrapper, renderTracked, type TrackedRender } from './index.ts';

let page: TrackedRender;
afterEach(() => page.unmount());

function Card({ id }: { id: string }) {
  const track = useTrack();
  const [isLiked, setIsLiked] = useState(false);
  const like = () => {
    setIsLiked(true);
    track('like', { entity: `event:${id}` });
  };
  return (
    <Track entity={`event:${id}`} impression click duration>
      <article>
        {id}
        <button type="button" onClick={like}>
          {isLiked ? 'Liked' : 'Like'}
        </button>
      </article>
    </Track>
  );
}

const feed = (...ids: string[]) => (
  <TrackList id="home-feed" surface="feed">
    {ids.map((id) => (
      <Card key={id} id={id} />
    ))}
  </TrackList>
);

const find = (selector: string): HTMLElement => {
  const element = page.container.querySelector<HTMLElement>(selector);
  if (!element) throw new Error(`There is no ${selector} in ${page.container.innerHTML}`);
  return element;
};

test('exports these names', () => {
  page = renderTracked(null);
  expect(Object.keys(entry).sort()).toEqual(['createTrackingWrapper', 'renderTracked']);
});

test('records what is done to what was rendered', () => {
  page = renderTracked(<StrictMode>{feed('1', '2')}</StrictMode>);

  page.tracker.see(find('article:nth-of-type(2)'));
  find('button').click();

  page.tracker.expect('impression', { entity: 'event:2', list: 'home-feed', surface: 'feed', position: 1 });
  page.tracker.expect('like', { entity: 'event:1', list: 'home-feed' });
  page.tracker.expect('click', { entity: 'event:1', position: 0 });
  page.tracker.expectNone('like', { entity: 'event:2' });
});

test('keeps state when it renders anew', async () => {
  page = renderTracked(feed('1'));
  find('button').click();
  await expect.poll(() => find('button').textContent).toBe('Liked');

  page.rerender(feed('1', '2'));

  expect([...page.container.querySelectorAll('button')].map((it) => it.textContent)).toEqual([
    'Liked',
    'Like',
  ]);
});

test('ends visible time when it is unmounted, and leaves nothing in the document', async () => {
  page = renderTracked(feed('1'));

  page.unmount();
  await page.tracker.flush();

  page.tracker.expect('view', { entity: 'event:1', part: 1, props: { end_reason: 'unmount' } });
  expect(page.container.isConnected).toBe(false);
});

test('obeys the consent that it is told', () => {
  page = renderTracked(feed('1'), { consent: 'denied' });

  find('button').click();

  expect(page.tracker.interactions).toEqual([]);
});

test('gives the wrapper that a testing library renders with', () => {
  const { tracker, wrapper: Wrapper } = createTrackingWrapper();
  page = renderTracked(<Wrapper>{feed('1')}</Wrapper>);

  find('button').click();

  tracker.expect('like', { entity: 'event:1' });
  expect(page.tracker.interactions).toEqual([]);
});

test('leaves the environment of act as it was', () => {
  Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', false);

  page = renderTracked(feed('1'));

  expect(Reflect.get(globalThis, 'IS_REACT_ACT_ENVIRONMENT')).toBe(false);
});
