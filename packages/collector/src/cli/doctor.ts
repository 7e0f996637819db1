import { defineCommand } from 'citty';
import { diagnose } from './diagnose.ts';
import { printable } from './printable.ts';
import { serverArguments, settingsOf } from './settings.ts';

const { port, host, 'data-dir': dataDir } = serverArguments;

export const doctor = defineCommand({
  meta: { name: 'doctor', description: 'Look for what is wrong here, and say what to do about it' },
  args: { port, host, 'data-dir': dataDir },
  run: async ({ args }) => {
    for await (const { state, about, says } of diagnose(settingsOf(args), process.env)) {
      process.stdout.write(`${state.padEnd(6)} ${about.padEnd(10)} ${printable(says)}\n`);
      // For scripts. What is only worth a look may be as it is meant.
      if (state === 'WRONG') process.exitCode = 1;
    }
  },
});
