/**
 * Packs the package in the current folder as npm would publish it and judges the tarball: publint for
 * the manifest, attw for what TypeScript resolves. Extra arguments go to attw.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'turnout-pack-'));
const run = (command, ...args) => {
  const { status } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
};

try {
  run('npm', 'pack', '--silent', '--pack-destination', folder);
  const tarball = join(folder, readdirSync(folder)[0]);
  run('npx', 'publint', '--strict', tarball);
  run('npx', 'attw', tarball, ...process.argv.slice(2));
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
