import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createScripts } from './script-file.ts';

test('a script that could not be read once is there for whoever asks next', async () => {
  const failures = ['sri.json', 't.js'];
  const read: string[] = [];
  const scripts = createScripts(async (path) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (name === failures[0]) {
      failures.shift();
      throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
    }
    read.push(name);
    return readFile(path);
  });

  await expect(scripts('t.js')).rejects.toThrow('EMFILE');
  await expect(scripts('t.js')).rejects.toThrow('EMFILE');
  const [first, second] = [await scripts('t.js'), await scripts('t.js')];

  expect(first?.body).toContain('function');
  expect(second).toBe(first);
  expect(read).toEqual(['sri.json', 't.js']);
  expect(await scripts('t-none.js')).toBeUndefined();
});
