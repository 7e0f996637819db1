import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';
import * as sdk from '../packages/sdk/src/index.ts';

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const page = readFileSync(at('docs/sdk.md'), 'utf8');
const blocks = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code);

/** What the page takes for granted. */
const AROUND = `
declare const tracker: import('@turnout/sdk').Tracker;
declare const card: HTMLElement;
declare const input: HTMLInputElement;
declare const link: HTMLAnchorElement;
declare const title: HTMLElement;
declare const visitorId: string;
`;

/** What the compiler says about the code, as if it stood in a site that uses the packages. */
function problemsOf(code: string[]): string[] {
  const config = ts.readConfigFile(at('packages/sdk/tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, at('packages/sdk'));
  const files = new Map(code.map((text, n) => [at(`packages/sdk/docs-${n}.ts`), `${text}\nexport {};`]));
  files.set(at('packages/sdk/docs-around.d.ts'), AROUND);
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name) ?? readFile(name);
  host.getSourceFile = (name, target, ...more) => {
    const text = files.get(name);
    return text ? ts.createSourceFile(name, text, target) : getSourceFile(name, target, ...more);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

// A catalogue holds for a whole program, and would change what the others may say.
const isCatalog = (code: string) => code.includes('interface Register');

test('shows code that compiles', () => {
  expect(blocks.length).toBeGreaterThan(7);
  expect(problemsOf(blocks.filter((code) => !isCatalog(code)))).toEqual([]);
});

test('shows the catalogue that the type tests compile', () => {
  expect(blocks.filter(isCatalog)).toEqual([readFileSync(at('packages/sdk/test-d/catalog.ts'), 'utf8')]);
});

test('names everything that the package exports', () => {
  for (const name of Object.keys(sdk)) expect(page).toContain(`\`${name}`);
});

test('lists every option of createTracker', () => {
  const source = readFileSync(at('packages/sdk/src/options.ts'), 'utf8');
  const body = /export interface TrackerOptions \{([\s\S]*?)\n\}/.exec(source)?.[1] ?? '';
  const options = [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, name]) => name);
  const table = /## Options\n([\s\S]*?)\n## /.exec(page)?.[1] ?? '';
  const listed = [...table.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, names = '']) =>
    [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );

  expect(options.length).toBeGreaterThan(15);
  expect([...listed].sort()).toEqual([...options].sort());
});
