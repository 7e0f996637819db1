/**
 * `npm run dev`: rebuilds every package on change, and runs the collector with the example site and each
 * row printed. The collector restarts when its own build changes.
 */
import { spawn, spawnSync } from 'node:child_process';

const first = spawnSync('npx', ['turbo', 'run', 'build', '--output-logs=errors-only'], { stdio: 'inherit' });
if (first.status !== 0) process.exit(first.status ?? 1);

const flags = process.argv.slice(2);
const children = [
  spawn('npx', ['turbo', 'watch', 'build', '--output-logs=errors-only'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  }),
  spawn(
    process.execPath,
    [
      '--watch-path=packages/collector/dist',
      '--watch-preserve-output',
      'packages/collector/bin/turnout.js',
      'dev',
      '--rows',
      ...flags,
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  ),
];

const stop = () => {
  for (const child of children) child.kill('SIGTERM');
};
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
for (const child of children) child.once('exit', stop);
