/** What is said beside a command is checked before it runs: a misspelt flag would be passed over, and the default be used without a word. */
import type { CommandDef } from 'citty';

interface Argument {
  type?: string;
  required?: boolean;
  description?: string;
}

/** @throws Error naming the first thing that is wrong. */
export function checkArguments(
  name: string,
  command: CommandDef | undefined,
  given: readonly string[],
): void {
  const known = (command?.args ?? {}) as Record<string, Argument>;
  const help = `See turnout ${name} --help.`;
  const positionals: string[] = [];
  const seen = new Set<string>();
  for (let at = 0; at < given.length; at += 1) {
    const [flag = '', ...rest] = (given[at] ?? '').split('=');
    if (!flag.startsWith('-')) {
      positionals.push(given[at] ?? '');
      continue;
    }
    const value = rest.length > 0 ? rest.join('=') : undefined;
    const word = flag.replace(/^--/, '');
    const argument = known[word] ?? known[word.replace(/^no-/, '')];
    const isFlag = argument?.type === 'string' || argument?.type === 'boolean';
    if (!flag.startsWith('--') || !argument || !isFlag || (!known[word] && argument.type === 'string'))
      throw new Error(`There is no flag ${flag} here. ${help}`);
    if (seen.has(word)) throw new Error(`${flag} is given twice. ${help}`);
    seen.add(word);
    if (argument.type === 'boolean') {
      if (value !== undefined && value !== 'true' && value !== 'false')
        throw new Error(
          `${flag} is said or left out; it takes no value such as ${JSON.stringify(value)}. ${help}`,
        );
      continue;
    }
    const text = value ?? given[at + 1];
    if (value === undefined) at += 1;
    // The next flag is no value: who means a text that begins like one writes --flag=text.
    if (text === undefined || text.trim() === '' || (value === undefined && text.startsWith('--')))
      throw new Error(`${flag} has no value. ${help}`);
  }
  checkPositionals(known, positionals, help);
}

function checkPositionals(known: Record<string, Argument>, given: readonly string[], help: string): void {
  const wanted = Object.entries(known).filter(([, { type }]) => type === 'positional');
  // Only "ids" stands for as many as there are.
  if (given.length > wanted.length && !('ids' in known))
    throw new Error(`"${given[wanted.length]}" is one argument too many. ${help}`);
  for (const [index, [word, { description = '', required }]] of wanted.entries()) {
    const text = given[index];
    if (text === undefined && required)
      throw new Error(`${word.toUpperCase()} is missing: ${lowerFirst(description)}. ${help}`);
  }
  if (given.some((text) => text.trim() === '')) throw new Error(`An argument is empty. ${help}`);
}

/** An abbreviation stays as it is. */
const lowerFirst = (text: string) =>
  /^[A-Z][a-z ]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
