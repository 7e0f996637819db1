import { defineCommand, runCommand, showUsage } from 'citty';
import { dev } from './dev.ts';
import { migrate } from './migrate.ts';
import { query } from './query.ts';
import { seed } from './seed.ts';
import { serve } from './serve.ts';
import { verify } from './verify.ts';

const turnout = defineCommand({
  meta: { name: 'turnout', description: 'Measures what fans do on live-music sites.' },
  subCommands: { serve, dev, migrate, query, seed, verify },
});

const args = process.argv.slice(2);
try {
  if (args.length === 0 || args.includes('--help') || args.includes('-h')) {
    const [name] = args;
    const commands = turnout.subCommands as Record<string, Parameters<typeof showUsage>[0]>;
    await showUsage(commands[name ?? ''] ?? turnout, commands[name ?? ''] ? turnout : undefined);
  } else {
    await runCommand(turnout, { rawArgs: args });
  }
} catch (error) {
  // A message for a person; a stack would hide it.
  console.error(`turnout: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
