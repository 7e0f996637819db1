import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const page = readFileSync(at('docs/react.md'), 'utf8');
const blocks = [...page.matchAll(/```tsx?\n([\s\S]*?)```/g)].map(([, code = '']) => code);

test('the examples of docs/react.md type-check', () => {
  const folder = at('packages/react');
  const config = ts.readConfigFile(`${folder}/tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, folder);
  const files = new Map(blocks.map((code, n) => [`${folder}/docs-${n}.tsx`, `${code}\nexport {};`]));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name) ?? readFile(name);
  host.getSourceFile = (name, target, ...more) => {
    const text = files.get(name);
    return text ? ts.createSourceFile(name, text, target) : getSourceFile(name, target, ...more);
  };
  const program = ts.createProgram([...files.keys()], options, host);

  const problems = ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));

  expect(blocks).toHaveLength(4);
  expect(problems).toEqual([]);
}, 60_000);
