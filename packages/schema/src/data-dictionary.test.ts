import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('the data dictionary says what the tables say', async () => {
  const script = fileURLToPath(new URL('../../../scripts/data-dictionary.mjs', import.meta.url));

  // A process of its own, because it opens an engine of its own.
  const check = promisify(execFile)(process.execPath, [script, '--check']);

  await expect(check).resolves.toMatchObject({ stderr: '' });
});
