import { createRequire } from 'node:module';
import { type CommandDef, defineCommand, runCommand, showUsage } from 'citty';
import { archive } from './archive.ts';
import { backup } from './backup.ts';
import { checkArguments } from './check-arguments.ts';
import { dev } from './dev.ts';
import { doctor } from './doctor.ts';
import { eraseUser } from './erase-user.ts';
import { explainError } from './explain-error.ts';
import { exportUser } from './export-user.ts';
import { importFile } from './import.ts';
import { migrate } from './migrate.ts';
import { query } from './query.ts';
import { restore } from './restore.ts';
import { seed } from './seed.ts';
import { serve } from './serve.ts';
import { site } from './site.ts';
import { tail } from './tail.ts';
import { train } from './train.ts';
import { types } from './types.ts';
import { verify } from './verify.ts';

const turnout = defineCommand({
  meta: { name: 'turnout', description: 'Measures what fans do on live-music sites.' },
  subCommands: {
    serve,
    dev,
    migrate,
    query,
    tail,
    doctor,
    seed,
    import: importFile,
    train,
    types,
    verify,
    archive,
    backup,
    restore,
    'export-user': exportUser,
    'erase-user': eraseUser,
    site,
  },
});

const args = process.argv.slice(2);
const commands = turnout.subCommands as Record<string, CommandDef>;
const command = commands[args[0] ?? ''];
try {
  if (args.length === 0 || args.includes('--help') || args.includes('-h')) {
    await showUsage(command ?? turnout, command ? turnout : undefined);
  } else if (args[0] === '--version') {
    const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
    process.stdout.write(`${version}\n`);
  } else if (!command) {
    throw new Error(`There is no command "${args[0]}". There are: ${Object.keys(commands).join(', ')}.`);
  } else {
    checkArguments(args[0] ?? '', command, args.slice(1));
    await runCommand(turnout, { rawArgs: args });
  }
} catch (error) {
  // A message for a person; a stack would hide it.
  console.error(`turnout: ${explainError(error)}`);
  process.exitCode = 1;
}
