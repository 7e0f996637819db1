import { act } from 'react';
import { BrowserRouter, type NavigateFunction, useNavigate } from 'react-router';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { aPage, startNetwork } from './fake-page.test-helper.ts';
import { TrackPageviews } from './router.tsx';

beforeAll(startNetwork);

const home = location.href;
let page: ReturnType<typeof aPage>;
afterEach(() => {
  page.close();
  history.replaceState(null, '', home);
});

test('records each location of React Router once', async () => {
  let navigate: NavigateFunction = () => {};
  function Navigator() {
    navigate = useNavigate();
    return null;
  }
  page = aPage({ isStrict: true });
  page.render(
    <BrowserRouter>
      <TrackPageviews props={() => ({ at: location.pathname })} />
      <Navigator />
    </BrowserRouter>,
  );
  await vi.advanceTimersByTimeAsync(0);
  for (const to of ['/events/1', '/events/1#reviews', '/events/2?tab=setlist']) {
    await act(() => navigate(to));
    await vi.advanceTimersByTimeAsync(0);
  }

  const views = await page.recorded('page_view');
  expect(views.map(({ props }) => props?.at)).toEqual([new URL(home).pathname, '/events/1', '/events/2']);
});
