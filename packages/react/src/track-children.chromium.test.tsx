import { act, type ReactNode, useState } from 'react';
import { createPortal } from 'react-dom';
import { afterEach, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest';
import { aPage, click, pass, startNetwork } from './fake-page.test-helper.ts';
import { Track } from './index.ts';

// Registered for the React that a project runs on only: nothing is reported as skipped.
const hasFragmentRefs = inject('react') === '19.3';

beforeAll(startNetwork);

let page: ReturnType<typeof aPage>;
beforeEach(() => {
  page = aPage();
});
afterEach(() => page.close());

const box = { width: 200, height: 100 };
const types = async () => (await page.recorded()).map(({ type }) => type);
/** A component that takes no ref. */
const Plain = ({ text }: { text: string }) => <p style={box}>{text}</p>;
const PAIR = [<Plain key="1" text="One" />, <Plain key="2" text="Two" />];

if (hasFragmentRefs) {
  test('measures a component that takes no ref', async () => {
    page.render(
      <Track entity="event:1" impression click>
        <Plain text="Plain" />
      </Track>,
    );
    await pass(1_000);
    click('Plain');

    expect(await types()).toEqual(['impression', 'click']);
  });

  test('counts several children as one thing', async () => {
    page.render(
      <Track entity="event:1" impression click duration>
        <Plain text="One" />
        and
        <Plain text="Two" />
      </Track>,
    );
    await pass(1_000);
    await pass(1_000);
    click('One');
    click('Two');
    page.render(null);

    const recorded = await page.recorded();
    expect(recorded.filter(({ type }) => type === 'impression')).toHaveLength(1);
    expect(recorded.filter(({ type }) => type === 'click')).toHaveLength(2);
    expect(recorded.filter(({ type }) => type === 'view').map(({ part }) => part)).toEqual([0, 1]);
  });

  test('records the impression of whichever child is in sight', async () => {
    page.render(
      <Track entity="event:1" impression>
        <p hidden>One</p>
        <Plain text="Two" />
      </Track>,
    );
    await pass(1_000);

    expect(await types()).toEqual(['impression']);
  });

  test.each([
    [
      'without an entity',
      <Track key="1" impression>
        {PAIR}
      </Track>,
    ],
    [
      'with once: false',
      <Track key="1" entity="event:1" impression={{ once: false }}>
        {PAIR}
      </Track>,
    ],
  ])('records the impression of the first child alone %s', async (_, node) => {
    page.render(node);
    await pass(1_000);
    await pass(1_000);

    expect(await types()).toEqual(['impression']);
  });

  test('measures children that come later, and the next one when the first leaves', async () => {
    let setNames = (_: string[]) => {};
    function Names() {
      const [names, set] = useState<string[]>([]);
      setNames = set;
      return names.map((name) => <Plain key={name} text={name} />);
    }
    page.render(
      <Track impression={{ once: false, ms: 500 }} click>
        <Names />
      </Track>,
    );
    act(() => setNames(['One', 'Two']));
    await pass(500);
    click('Two');
    act(() => setNames(['Two']));
    await pass(500);

    expect(await types()).toEqual(['impression', 'click', 'impression']);
  });

  test('measures what it puts into a portal', async () => {
    page.render(
      <Track entity="event:1" impression click>
        {createPortal(<Plain text="Dialog" />, document.body)}
      </Track>,
    );
    await pass(1_000);
    [...document.querySelectorAll('body > p')]
      .find(({ textContent }) => textContent === 'Dialog')
      ?.dispatchEvent(new MouseEvent('click', { bubbles: true, composed: true }));

    expect(await types()).toEqual(['impression', 'click']);
  });

  const Words = () => 'Card';
  test.each<[name: string, children: ReactNode]>([
    ['<Words>', <Words key="1" />],
    ['a text or nothing', 'Card'],
  ])('says once that it gets no element from %s, and what to do', async (name, children) => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    for (let n = 0; n < 2; n++) {
      page.render(
        <Track key={n} entity="event:1" impression click>
          {children}
        </Track>,
      );
    }

    // React says something of its own, without a name.
    const ours = error.mock.calls.filter(([text]) => text.startsWith('[turnout]'));
    expect(ours).toEqual([
      [
        `[turnout] <Track> measures nothing: it got no element from ${name}. A text has no box that could be ` +
          'seen: put it into an element, such as <span>, or measure an element of your own with useImpression and useClick.',
      ],
    ]);
    expect(await types()).toEqual([]);
  });

  test('says nothing of children that are not there yet', async () => {
    page.render(
      <Track entity="event:1" impression click>
        {null}
      </Track>,
    );
    page.render(
      <Track entity="event:1" impression click>
        <Plain text="Late" />
      </Track>,
    );
    await pass(1_000);

    expect(await types()).toEqual(['impression']);
  });
} else {
  const said = () => vi.spyOn(console, 'error').mockImplementation(() => {});

  test.each<[name: string, children: ReactNode]>([
    ['<Plain>', <Plain key="1" text="Card" />],
    ['several children', [<p key="1">Card</p>, <p key="2">Other</p>]],
    ['<fragment>', <>Card</>],
    ['a text or nothing', 'Card'],
  ])('says once that it gets no element from %s, and what to do', async (name, children) => {
    const error = said();

    for (let n = 0; n < 2; n++) {
      page.render(
        <Track key={n} entity="event:1" impression click>
          {children}
        </Track>,
      );
    }

    expect(document.querySelector('main')?.textContent).toContain('Card');
    expect(error).toHaveBeenCalledTimes(1);
    expect(error).toHaveBeenCalledWith(
      `[turnout] <Track> measures nothing: it got no element from ${name}. Give it one child that is ` +
        'an element, or a component that passes its ref on to one (with forwardRef before React 19). ' +
        'From React 19.3 on any children will do, or measure an element of your own with useImpression and useClick.',
    );
    expect(await types()).toEqual([]);
  });

  test('says that it gets no element from a portal', () => {
    const error = said();

    page.render(
      <Track entity="event:1" impression click>
        {createPortal(<p>Dialog</p>, document.body)}
      </Track>,
    );

    expect(error).toHaveBeenCalledWith(expect.stringContaining('it got no element from a portal. Give it'));
  });
}
