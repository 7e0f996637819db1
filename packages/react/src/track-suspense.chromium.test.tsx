import { act, forwardRef, type ReactNode, Suspense } from 'react';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { aPage, click, pass, startNetwork } from './fake-page.test-helper.ts';
import { Track } from './index.ts';

beforeAll(startNetwork);

let page: ReturnType<typeof aPage>;
beforeEach(() => {
  page = aPage();
});
afterEach(() => page.close());

/** Something that waits until `arrive`, as for data. */
function aResource() {
  let isHere = false;
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return {
    read() {
      if (!isHere) throw promise;
    },
    arrive: () =>
      act(async () => {
        isHere = true;
        resolve();
        await promise;
      }),
  };
}
type Resource = ReturnType<typeof aResource>;

const Card = forwardRef<HTMLElement, { resource?: Resource | undefined; children?: ReactNode }>(
  ({ resource, children = 'Card' }, ref) => {
    resource?.read();
    return (
      <article ref={ref} style={{ width: 200, height: 100 }}>
        {children}
      </article>
    );
  },
);
/** A part of a card that waits. */
function Price({ resource }: { resource?: Resource | undefined }) {
  resource?.read();
  return <b>Price</b>;
}

const types = async () => (await page.recorded()).map(({ type }) => type);
const around = (resource?: Resource) => (
  <Suspense fallback={<p>Loading</p>}>
    <Track entity="event:1" impression click duration>
      <Card resource={resource} />
    </Track>
  </Suspense>
);
const text = () => document.querySelector('main')?.textContent;

test('measures a child that comes late, from when it came', async () => {
  const late = aResource();
  page.render(around(late));
  await pass(2_000);
  expect(text()).toBe('Loading');

  await late.arrive();
  await pass(999);
  click('Card');
  await pass(1);

  expect(await types()).toEqual(['view', 'click', 'impression']);
});

test('counts nothing while a boundary hides it, and goes on where it comes back', async () => {
  const late = aResource();
  page.render(around());
  await pass(600);
  page.render(around(late));
  expect(text()).toContain('Loading');
  // React keeps the element, hidden.
  expect(document.querySelector('article')?.style.display).toBe('none');
  await pass(5_000);
  await late.arrive();
  await pass(999);
  await pass(1);
  page.render(null);

  const recorded = await page.recorded();
  expect(recorded.filter(({ type }) => type === 'impression')).toHaveLength(1);
  const ms = recorded.reduce(
    (sum, { type, duration_ms = 0 }) => sum + (type === 'view' ? duration_ms : 0),
    0,
  );
  // The time in sight before and after, without the five seconds between.
  expect(ms).toBeGreaterThanOrEqual(1_600);
  expect(ms).toBeLessThan(3_000);
});

test('begins its second anew where it comes back', async () => {
  const late = aResource();
  page.render(around());
  await pass(600);
  page.render(around(late));
  await late.arrive();
  await pass(600);

  expect(await page.recorded('impression')).toEqual([]);
});

test('does not count again what was hidden after it was seen', async () => {
  page.render(around());
  await pass(1_000);
  const late = aResource();
  page.render(around(late));
  await pass(1_000);
  await late.arrive();
  await pass(1_000);
  await pass(1_000);

  expect((await page.recorded('impression')).length).toBe(1);
});

test('measures a card while a part of it still loads', async () => {
  const late = aResource();
  page.render(
    <Track entity="event:1" impression click>
      <Card>
        <Suspense fallback={<i>Loading</i>}>
          <Price resource={late} />
        </Suspense>
      </Card>
    </Track>,
  );
  await pass(1_000);
  await late.arrive();
  click('Price');
  await pass(1_000);

  expect(await types()).toEqual(['impression', 'click']);
});
