import { createRequire } from 'node:module';
import { type CommandDef, defineCommand, runCommand, showUsage } from 'citty';
import { archive } from './archive.ts';
import { backup } from './backup.ts';
import { dev } from './dev.ts';
import { eraseUser } from './erase-user.ts';
import { exportUser } from './export-user.ts';
import { importFile } from './import.ts';
import { migrate } from './migrate.ts';
import { query } from './query.ts';
import { restore } from './restore.ts';
import { seed } from './seed.ts';
import { serve } from './serve.ts';
import { site } from './site.ts';
import { train } from './train.ts';
import { verify } from './verify.ts';

const turnout = defineCommand({
  meta: { name: 'turnout', description: 'Measures what fans do on live-music sites.' },
  subCommands: {
    serve,
    dev,
    migrate,
    query,
    seed,
    import: importFile,
    train,
    verify,
    archive,
    backup,
    restore,
    'export-user': exportUser,
    'erase-user': eraseUser,
    site,
  },
});

/** A misspelt flag would otherwise be passed over, and the default folder be used without a word. */
function refuseUnknown(command: CommandDef | undefined, given: string[]): void {
  const known = (command?.args ?? {}) as Record<string, { type?: string }>;
  // Only "ids" stands for as many as there are.
  let positionals =
    'ids' in known ? given.length : Object.values(known).filter(({ type }) => type === 'positional').length;
  for (let at = 0; at < given.length; at += 1) {
    const [flag = '', value] = (given[at] ?? '').split('=', 2);
    if (!flag.startsWith('-')) {
      positionals -= 1;
      if (positionals < 0) throw new Error(`"${flag}" is one argument too many. See --help.`);
      continue;
    }
    const argument = known[flag.replace(/^--(no-)?/, '')];
    if (!flag.startsWith('--') || !argument) throw new Error(`There is no flag ${flag} here. See --help.`);
    const wantsValue = argument.type === 'string';
    if (wantsValue && value === '') throw new Error(`${flag} has no value.`);
    if (wantsValue && value === undefined) at += 1;
    if (wantsValue && value === undefined && given[at] === undefined)
      throw new Error(`${flag} has no value.`);
  }
}

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
    refuseUnknown(command, args.slice(1));
    await runCommand(turnout, { rawArgs: args });
  }
} catch (error) {
  // A message for a person; a stack would hide it.
  console.error(`turnout: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
