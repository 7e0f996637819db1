import { MARKS, READERS } from '../auto/attributes.ts';
import { nearest } from './nearest.ts';

const NAMES = [
  ...MARKS,
  ...['entity', 'list', 'position', 'surface', 'undo', 'search', 'search-results', 'search-count'].map(
    (name) => `data-track-${name}`,
  ),
];
const EXAMPLES: Readonly<Record<string, string>> = {
  num: 'a number, such as 25 or 49.5',
  bool: 'true or false',
  json: 'JSON, such as ["jazz"]',
};

/** What is wrong with the data attributes of an element: what cannot be read is left out, and nobody hears of it. */
export function checkAttributes(element: Element): string[] {
  const problems: string[] = [];
  for (const { name, value } of element.attributes) {
    if (!name.startsWith('data-track')) continue;
    const [, kind = ''] = /^data-track-(prop|num|bool|json)-.+$/.exec(name) ?? [];
    const said = `${name}=${JSON.stringify(value)}`;
    if (kind) {
      if (READERS[kind]?.(value) === undefined) problems.push(`${said} is left out: write ${EXAMPLES[kind]}`);
    } else if (!NAMES.includes(name)) {
      const meant = nearest(name, NAMES);
      problems.push(
        `${name} says nothing${meant ? `: did you mean ${meant}?` : `. Facts of your own are ${name.replace('data-track-', 'data-track-prop-')}`}`,
      );
    } else if (name === 'data-track-position' && READERS.num?.(value) === undefined) {
      problems.push(`${said} is left out: write a number, from 0`);
    } else if (
      (name === 'data-track-entity' || (/-(impression|duration)$/.test(name) && value)) &&
      !/^[^:]+:.+$/s.test(value)
    ) {
      problems.push(`${said} is no entity: write it as kind:id, such as event:42`);
    }
  }
  return problems;
}
