import type { Definition } from '@turnout/schema';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { brokenTypes } from './broken-types.ts';
import { typeSchemas } from './type-schema.ts';
import { whyNotImported } from './why-not-imported.ts';

const base = { songs: z.number().int(), source: z.enum(['modal', 'page']), fan: z.string().optional() };
const schemasOf = (props: z.ZodRawShape, more: object = {}) =>
  typeSchemas({
    open: {
      description: 'Opened',
      entity: ['event', 'artist'],
      props: z.object(props) as unknown as Definition['props'],
      ...more,
    },
  });

test.each([
  ['nothing changed', { ...base }, {}, []],
  ['a prop may be there', { ...base, page: z.number().optional() }, {}, []],
  ['one value more', { ...base, source: z.enum(['modal', 'page', 'feed']) }, {}, []],
  ['a prop need not be there', { ...base, songs: z.number().int().optional() }, {}, []],
  ['another word for it', { ...base }, { description: 'Was opened' }, []],
  ['a prop is gone', { songs: base.songs, source: base.source }, {}, [/"fan" is gone/]],
  ['a prop has to be there', { ...base, page: z.number() }, {}, [/"page" has to be there now/]],
  ['one more has to be', { ...base, fan: z.string() }, {}, [/"fan" has to be there now/]],
  ['another type', { ...base, songs: z.string() }, {}, [/"songs" was integer and is string now/]],
  ['one value less', { ...base, source: z.enum(['modal']) }, {}, [/"source" can be "page" no longer/]],
  ['a few values', { ...base, fan: z.enum(['a']).optional() }, {}, [/"fan" could be anything of its type/]],
  ['one kind less', { ...base }, { entity: ['event'] }, [/about artist no longer/]],
  ['more to carry', { ...base }, { requires: { any: ['surface'] } }, [/has to carry "surface" now/]],
  ['a lower version', { ...base }, { version: 0 }, [/its version went down/]],
  ['all of it, with another version', { x: z.string() }, { version: 2, entity: ['ad'] }, []],
])('%s', (_, props, more, problems) => {
  expect(brokenTypes(schemasOf(base), schemasOf(props, more))).toEqual(
    problems.map((problem) => expect.stringMatching(problem)),
  );
});

test('a type that is gone is in nobody’s way', () => {
  expect(brokenTypes(schemasOf(base), {})).toEqual([]);
});

test.each([
  ['ERR_UNKNOWN_FILE_EXTENSION', 'catalog.ts', /cannot read TypeScript.*Node 22\.18.*npx esbuild/],
  ['ERR_UNKNOWN_FILE_EXTENSION', 'catalog.txt', /is no module: name a \.js/],
  ['ERR_MODULE_NOT_FOUND', 'catalog.mjs', /imports something that is not there: why\. Install it/],
  [undefined, 'catalog.mjs', /cannot be read: why/],
])('%s of %s says what to do', (code, file, message) => {
  expect(whyNotImported(file, Object.assign(new Error('why'), { code }))).toMatch(message);
});
