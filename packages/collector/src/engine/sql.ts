import type { Outward } from './outward.ts';

/**
 * Just enough of ClickHouse's lexer to look at a statement without running it: to find where strings
 * and comments are, so that nothing inside them is mistaken for SQL.
 */

export interface Token {
  kind: 'word' | 'quoted' | 'string' | 'symbol' | 'parameter';
  /** As written; for `quoted` (backticks or double quotes) the name inside. */
  text: string;
  start: number;
  end: number;
}

const PATTERNS: [Token['kind'] | 'skip', RegExp][] = [
  ['skip', /(?:\s|--[^\n]*|#[ !][^\n]*|\/\*[\s\S]*?\*\/)+/y],
  ['string', /'(?:[^'\\]|\\[\s\S]|'')*'/y],
  // A heredoc: $tag$ … $tag$.
  ['string', /\$(\w*)\$[\s\S]*?\$\1\$/y],
  ['quoted', /`(?:[^`\\]|\\[\s\S]|``)*`|"(?:[^"\\]|\\[\s\S]|"")*"/y],
  ['parameter', /\{\s*[A-Za-z_]\w*\s*:[^{}']*(?:'[^']*'[^{}']*)*\}/y],
  ['word', /[A-Za-z_$][\w$]*|\d[\w.]*/y],
  ['symbol', /[\s\S]/y],
];

/** The tokens of a statement, in order; comments and white space are left out. */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    const start = at;
    for (const [kind, pattern] of PATTERNS) {
      pattern.lastIndex = start;
      const text = pattern.exec(sql)?.[0];
      if (!text) continue;
      at = start + text.length;
      if (kind !== 'skip') {
        tokens.push({ kind, text: kind === 'quoted' ? text.slice(1, -1) : text, start, end: at });
      }
      break;
    }
  }
  return tokens;
}

const READING = new Set(['SELECT', 'WITH', 'SHOW', 'DESCRIBE', 'DESC', 'EXPLAIN', 'EXISTS', '(']);
// Measured on the engine: `readonly=1` behind a statement does not bind a subquery that says
// `SETTINGS readonly=0` for itself, which then reads files; a profile could do the same. INTO OUTFILE
// writes under readonly=1.
// PARALLEL WITH runs its first members without the settings behind the last.
const FORBIDDEN_NAMES = new Set(['READONLY', 'PROFILE', 'PARALLEL']);

// Control characters and typographic quotes: the engine's lexer gives them a meaning of its own, and
// this one must never see a comment or a string where the engine sees SQL.
const UNUSUAL = /[\p{Cc}\u2018\u2019\u201c\u201d]/u;

/**
 * Why a statement may not run on the read-only port, or undefined when it may.
 *
 * The engine's own `readonly=1` refuses everything that writes; this check closes the gaps that it leaves
 * in an engine without users: `SELECT file('/etc/passwd')` and `DESCRIBE url('http://…')` pass it.
 *
 * @param outward - What reaches files or the network.
 */
export function whyNotReadable(sql: string, outward: Outward): string | undefined {
  const tokens = tokenize(sql);
  const first = tokens[0];
  if (!first) return 'The statement is empty.';
  if (!READING.has(first.text.toUpperCase())) {
    return `This port only reads, and ${first.text.slice(0, 20)} is not a reading statement. Use SELECT, SHOW, DESCRIBE, EXPLAIN or EXISTS.`;
  }
  let isBehindSettings = false;
  for (const [index, { kind, text, start }] of tokens.entries()) {
    if (kind === 'symbol' && UNUSUAL.test(text)) {
      return `The character at position ${start} is not allowed outside a string: use plain quotes and close every comment.`;
    }
    if (kind === 'quoted' && text.includes('\\')) {
      return 'A quoted name with a backslash is refused: the engine would read it as another name.';
    }
    const upper = text.toUpperCase();
    if (kind === 'symbol' && text === ';' && index < tokens.length - 1) {
      return 'One statement at a time: there is something behind the semicolon.';
    }
    if (kind === 'symbol' && text === '/' && sql[start + 1] === '*') {
      return 'A comment is not closed: it would hide what this port adds to the statement.';
    }
    if (kind === 'word' && upper === 'OUTFILE' && tokens[index - 1]?.text.toUpperCase() === 'INTO') {
      return 'INTO OUTFILE writes a file on the server; take the answer from the response instead.';
    }
    if (kind !== 'word' && kind !== 'quoted') continue;
    if (FORBIDDEN_NAMES.has(upper)) {
      return `"${text}" cannot be named in a statement on this port: every statement runs with readonly=1.`;
    }
    const name = text.toLowerCase();
    if (outward.functions.has(name) && tokens[index + 1]?.text === '(') {
      return `${text}() reaches beyond the database, which this port does not allow.`;
    }
    // APPLY(file) and arrayMap(file, …) call it without a parenthesis of its own.
    if (outward.scalars.has(name) && tokens[index - 1]?.text !== '.') {
      return `"${text}" is a function that reaches beyond the database, which this port does not allow. A column of that name needs its table before it: t.${text}.`;
    }
    // In a subquery, and in all but the last SELECT of a UNION, `readonly` does not bind them.
    if (isBehindSettings && outward.settings.has(name)) {
      return `The setting "${text}" may name a file or hold SQL of its own: this port does not take it.`;
    }
    isBehindSettings ||= upper === 'SETTINGS';
  }
  return undefined;
}

/** The statement without a closing semicolon and comments behind it, so that settings can be appended. */
export function withoutTrailer(sql: string): string {
  const tokens = tokenize(sql);
  const last = tokens.at(-1);
  if (!last) return '';
  return sql.slice(0, last.kind === 'symbol' && last.text === ';' ? last.start : last.end);
}

/** A string as a ClickHouse literal. */
export function literal(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

const UNESCAPED: Record<string, string> = { t: '\t', n: '\n', r: '\r', b: '\b', f: '\f', '0': '\0' };

/**
 * Replaces each `{name:Type}` by a cast literal, as a server does with `param_name` of the address.
 *
 * The engine's own binding works on the whole process, one statement at a time: a slow question on the
 * SQL port would hold up the writer's look-ups.
 *
 * @param values - Escaped as in TabSeparated, which is how clients put them into an address.
 * @throws Error naming the parameter that has no value.
 */
export function bindParameters(sql: string, values: ReadonlyMap<string, string>): string {
  const tokens = tokenize(sql);
  // A view keeps its parameters: whoever reads it gives them.
  if (makesView(tokens)) return sql;
  let bound = '';
  let at = 0;
  for (const token of tokens) {
    if (token.kind !== 'parameter') continue;
    const colon = token.text.indexOf(':');
    const name = token.text.slice(1, colon).trim();
    const type = token.text.slice(colon + 1, -1).trim();
    const value = values.get(name);
    if (value === undefined) throw new Error(`Query parameter ${name} has no value: pass param_${name}.`);
    bound += sql.slice(at, token.start) + bindOne(value, type);
    at = token.end;
  }
  return bound + sql.slice(at);
}

function makesView([first, ...rest]: Token[]): boolean {
  if (first?.text.toUpperCase() !== 'CREATE') return false;
  const kind = rest.find(({ text }) => !['OR', 'REPLACE'].includes(text.toUpperCase()));
  return kind?.text.toUpperCase() === 'VIEW';
}

const COMPOSITE = /^(Array|Tuple|Map|Nested|JSON|Variant)\b/i;

function bindOne(value: string, type: string): string {
  if (type === 'Identifier') return `\`${value.replace(/[\\`]/g, '\\$&')}\``;
  if (value === '\\N') return 'NULL';
  // Texts inside of these are quoted, and what is escaped in them is escaped for the quotes: to take that away would end
  // a text where somebody's id has an apostrophe.
  if (COMPOSITE.test(type)) return `CAST(${literal(value)} AS ${type})`;
  const text = value.replace(/\\([\s\S])/g, (_, char: string) => UNESCAPED[char] ?? char);
  return `CAST(${literal(text)} AS ${type})`;
}
