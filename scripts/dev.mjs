/**
 * `npm run dev`: rebuilds every package on change, and runs the collector with the example site and each
 * row printed. The collector restarts when its own build changes.
 */
import { spawn, spawnSync } from 'node:child_process';

const TURBO = 'node_modules/.bin/turbo';

const first = spawnSync(TURBO, ['run', 'build', '--output-logs=errors-only'], { stdio: 'inherit' });
if (first.status !== 0) process.exit(first.status ?? 1);

// Each leads a group of its own: turbo starts further processes, and all of them have to end.
const start = (command, args, stdio) => spawn(command, args, { stdio, detached: true });
const children = [
  start(TURBO, ['watch', 'build', '--output-logs=errors-only'], ['ignore', 'ignore', 'inherit']),
  start(
    process.execPath,
    [
      '--watch-path=packages/collector/dist',
      '--watch-preserve-output',
      'packages/collector/bin/turnout.js',
      'dev',
      '--rows',
      ...process.argv.slice(2),
    ],
    ['ignore', 'inherit', 'inherit'],
  ),
];

function stop() {
  for (const { pid, exitCode, signalCode } of children) {
    if (pid === undefined || exitCode !== null || signalCode !== null) continue;
    try {
      process.kill(-pid, 'SIGTERM');
    } catch {
      // It ended in the same moment.
    }
  }
}
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
for (const child of children) child.once('exit', stop);
