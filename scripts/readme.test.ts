import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const readme = readFileSync(at('README.md'), 'utf8');

/** Indentation is a matter of where the lines stand. */
const flat = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .join('\n')
    .trim();

const snippets = [...readme.matchAll(/<!-- from (\S+) -->\n```\w+\n([\s\S]*?)```/g)].map(
  ([, path = '', code = '']) => ({ path, code }),
);

test('takes code from all three examples', () => {
  expect(snippets.length).toBeGreaterThanOrEqual(5);
});

test.each(snippets)('shows code that stands in $path', ({ path, code }) => {
  expect(flat(readFileSync(at(path), 'utf8'))).toContain(flat(code));
});

test('links to files that exist', () => {
  const links = [...readme.matchAll(/\]\((?!http)([^)#]+)\)/g)].map(([, path = '']) => path);
  expect(links.length).toBeGreaterThan(5);
  for (const link of links) expect(() => readFileSync(at(link)), link).not.toThrow(/ENOENT/);
});
