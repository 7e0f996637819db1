import type { Column } from './view.ts';

/** A name, a text, a bracket, a comma, or what stands between them. */
const TOKEN = /`(?:[^`\\]|\\.)*`|'(?:[^'\\]|\\.|'')*'|[(),]|[^`'(),]+/gs;
const COLUMN = /^\s*`([^`\\]+)` (.+?)(?: COMMENT '((?:[^'\\]|\\.|'')*)')?\s*$/s;

/** The columns in the list behind `CREATE VIEW`; undefined where not all of it can be read: half of them would tell too little. */
export function columnsIn(text: string): Column[] | undefined {
  const columns: Column[] = [];
  let depth = 0;
  let read = '';
  for (const [token] of text.slice(Math.max(0, text.indexOf('('))).matchAll(TOKEN)) {
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    if (depth === 0 || (depth === 1 && token === ',')) {
      const column = columnIn(read);
      if (column === undefined) return undefined;
      columns.push(column);
      if (depth === 0) return columns;
      read = '';
    } else if (depth > 1 || token !== '(') read += token;
  }
  return undefined;
}

function columnIn(text: string): Column | undefined {
  const [, name, type, comment = ''] = COLUMN.exec(text) ?? [];
  if (name === undefined || type === undefined) return undefined;
  return { name, type, comment: comment.replace(/\\(.)|'(')/gs, '$1$2') };
}
