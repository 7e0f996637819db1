import { expect, test } from 'vitest';
import { isShown } from './is-shown.ts';

test('shows files, and neither what is hidden nor what is no path', () => {
  for (const path of ['/', '/index.html', '/100%25.html', '/a.b/c']) expect(isShown(path)).toBe(true);
  for (const path of ['/.git/config', '/%2egit', '/a/%2E%2E/b', '/%', '/%ff', '/%c0%ae/'])
    expect(isShown(path)).toBe(false);
});
