/**
 * Makes sure that the tests find a Chromium: one on the machine, else Debian's package when we are
 * root, else playwright's own download; otherwise says what to do.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findChromium } from './find-chromium.mjs';

// Debian's packages may ask questions that nobody is there to answer.
const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
const run = (command, ...args) => spawnSync(command, args, { stdio: ['ignore', 2, 2], env }).status === 0;

async function hasPlaywrightChromium() {
  const { chromium } = await import('playwright');
  return existsSync(chromium.executablePath());
}

const found =
  findChromium() !== undefined ||
  (await hasPlaywrightChromium()) ||
  (process.getuid?.() === 0 &&
    existsSync('/etc/debian_version') &&
    run('apt-get', 'update', '-qq') &&
    run('apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'chromium') &&
    findChromium() !== undefined) ||
  run('npx', 'playwright', 'install', 'chromium');

if (!found) {
  console.error(
    'The tests drive a real Chromium and none was found or could be installed.\n' +
      'Install one (for example "apt-get install chromium") or point CHROMIUM_PATH at its executable.',
  );
  process.exit(1);
}
