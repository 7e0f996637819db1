/**
 * Packs the packages as npm would publish them, puts them into apps far from this repository, and type-checks a Vite
 * app and a Next app and builds the first: what the workspace resolves by itself, a stranger's computer has to find in
 * the tarballs.
 *
 * Needs no network: what is not ours is linked from here.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const app = mkdtempSync(join(tmpdir(), 'turnout-app-'));
const modules = join(app, 'node_modules');
const nextApp = mkdtempSync(join(tmpdir(), 'turnout-next-app-'));

function run(command, args, cwd = app) {
  const { status, stdout, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status === 0) return stdout;
  throw error ?? new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stdout}`);
}

/** Installs the tarball of a package, and links what it says it depends on: what it does not say is missing. */
function install(name) {
  const tarballs = join(app, 'tarballs', name);
  const folder = join(modules, '@turnout', name);
  for (const path of [tarballs, folder]) mkdirSync(path, { recursive: true });
  run('npm', ['pack', '--silent', '--pack-destination', tarballs], at(`packages/${name}`));
  run('tar', ['-xzf', join(tarballs, readdirSync(tarballs)[0]), '-C', folder, '--strip-components=1']);

  const text = readFileSync(join(folder, 'package.json'), 'utf8');
  if (text.includes('@turnout/source')) {
    throw new Error(
      `The tarball of ${name} names the condition @turnout/source, whose files it does not hold.`,
    );
  }
  for (const dependency of Object.keys(JSON.parse(text).dependencies ?? {})) {
    if (!dependency.startsWith('@turnout/'))
      link(dependency, join(folder, 'node_modules'), `packages/${name}`);
  }
}

/** Links a package of the repository, as one of its folders sees it. */
function link(name, into = modules, seenFrom = '') {
  const target = join(into, name);
  mkdirSync(dirname(target), { recursive: true });
  const nested = at(join(seenFrom, 'node_modules', name));
  symlinkSync(existsSync(nested) ? nested : at(`node_modules/${name}`), target, 'dir');
}

try {
  for (const name of ['schema', 'sdk', 'react', 'collector']) install(name);
  for (const name of ['react', 'react-dom', 'react-router', 'next', 'zod']) link(name);
  for (const name of ['node', 'react', 'react-dom']) link(`@types/${name}`);
  cpSync(at('scripts/packed-app'), app, { recursive: true });
  cpSync(at('scripts/packed-next-app'), nextApp, { recursive: true });
  for (const name of ['app', 'next.config.ts'])
    cpSync(at(`examples/next-app/${name}`), join(nextApp, name), { recursive: true });
  symlinkSync(modules, join(nextApp, 'node_modules'), 'dir');

  for (const folder of [app, nextApp]) run(at('node_modules/.bin/tsc'), ['-p', '.'], folder);
  run(at('node_modules/.bin/vite'), ['build', '--logLevel', 'error']);
  const built = readdirSync(join(app, 'dist/assets')).map((file) =>
    readFileSync(join(app, 'dist/assets', file), 'utf8'),
  );
  if (!built.some((code) => code.includes('/v1/interactions')))
    throw new Error('The built app holds no tracker.');
  if (built.some((code) => code.includes('ZodError'))) throw new Error('The built app holds zod.');
  const help = run(process.execPath, ['node_modules/@turnout/collector/bin/turnout.js', '--help']);
  if (!help.includes('turnout')) throw new Error(`The packed collector says of itself:\n${help}`);
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
} finally {
  for (const folder of [nextApp, app]) rmSync(folder, { recursive: true, force: true });
}
