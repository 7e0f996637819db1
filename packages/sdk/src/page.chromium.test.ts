import { afterEach, expect, test } from 'vitest';
import { createPage } from './page.ts';

const { href } = location;
afterEach(() => {
  document.body.replaceChildren();
  history.replaceState(null, '', href);
});

const contextOf = (page: ReturnType<typeof createPage>) => JSON.parse(page.context());

test('forms and frames that are called like what a page tells of itself do not speak for it', () => {
  document.title = 'Concerts';
  document.body.innerHTML = ['title', 'referrer', 'URL', 'location']
    .map((name) => `<form name="${name}"></form><iframe name="${name}" src="about:blank"></iframe>`)
    .join('');
  const page = createPage([]);

  const context = contextOf(page);
  history.pushState(null, '', '/two');

  expect(context.page_path).toBe(new URL(href).pathname);
  expect(context.title).toBeUndefined();
  expect(JSON.stringify(context)).not.toContain('object');
  expect(contextOf(page).page_path).toBe('/two');
});

test('the title is read anew where it changes', () => {
  const page = createPage([]);
  document.title = 'One';
  const before = contextOf(page).title;
  document.title = 'Two';

  expect([before, contextOf(page).title]).toEqual(['One', 'Two']);
});
