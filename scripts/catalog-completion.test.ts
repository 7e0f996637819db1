import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const CONFIG = fileURLToPath(new URL('../packages/react/test-d/tsconfig.json', import.meta.url));
const FILE = fileURLToPath(new URL('../packages/react/test-d/completion.tsx', import.meta.url));

/** Files are parsed once for all questions. */
const parsed = ts.createDocumentRegistry();

/** What an editor offers at the `|` of a component of an app whose catalogue is that of the type tests. */
function offersAt(line: string): string[] {
  const text = `
    import { Track, useTrack } from '@turnout/react';
    import type {} from './catalog.ts';
    export function App() {
      const track = useTrack();
      ${line}
    }`;
  const { fileNames, options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(CONFIG, ts.sys.readFile).config,
    ts.sys,
    dirname(CONFIG),
  );
  const source = text.replace('|', '');
  const host: ts.LanguageServiceHost = {
    getCompilationSettings: () => options,
    getScriptFileNames: () => [...fileNames, FILE],
    getScriptVersion: () => '1',
    getScriptSnapshot: (name) => {
      const content = name === FILE ? source : ts.sys.readFile(name);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => dirname(CONFIG),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (name) => name === FILE || ts.sys.fileExists(name),
    readFile: (name) => (name === FILE ? source : ts.sys.readFile(name)),
    readDirectory: ts.sys.readDirectory,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
    ...(ts.sys.realpath && { realpath: ts.sys.realpath }),
  };
  const service = ts.createLanguageService(host, parsed);
  const found = service.getCompletionsAtPosition(FILE, text.indexOf('|'), {});
  service.dispose();
  return (found?.entries ?? []).map(({ name }) => name);
}

test.each([
  ['names of track()', "track('|');", ['setlist_open', 'ticket_click']],
  ['props of track()', "track('setlist_open', { props: { | } });", ['songs', 'source']],
  ['values of a prop', "track('setlist_open', { props: { songs: 1, source: '|' } });", ['modal', 'page']],
  ['names of <Track>', 'return <Track type="|" />;', ['setlist_open', 'ticket_click']],
  ['props of <Track>', 'return <Track type="setlist_open" props={{ | }} />;', ['songs', 'source']],
])('an editor offers the %s', (_, line, names) => {
  expect(offersAt(line)).toEqual(expect.arrayContaining(names));
});
