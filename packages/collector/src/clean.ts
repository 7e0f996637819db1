/**
 * Makes what browsers send safe to store, before it reaches the log.
 *
 * One value that the database cannot read fails the block of thousands it travels in, so nothing of
 * the kind may pass: what can be mended is mended, the rest is named as a problem.
 */
import { type Json, MAX_ID_LENGTH, MAX_PROPS_DEPTH, MAX_PROPS_KEYS, MAX_PROPS_LENGTH } from '@turnout/schema';
import type { Warn } from './warnings.ts';

type Props = { [key: string]: Json };

/** Half of a character: nearly no text has one, and looking is quick. */
const SURROGATE = /[\ud800-\udfff]/;
const LONE_SURROGATES = /\p{Surrogate}/gu;
/** Names that reach an object's prototype in code that reads the props later. */
const UNSAFE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Well-formed text without NUL: lone surrogates are no UTF-8, and NUL ends strings in many a tool. */
export function cleanText(text: string): string {
  const whole = text.includes('\0') ? text.replaceAll('\0', '') : text;
  return SURROGATE.test(whole) ? whole.replace(LONE_SURROGATES, '\u{fffd}') : whole;
}

/** Cuts text to a length and leaves it well-formed. */
export function cutText(text: string, length: number): string {
  return cleanText(text.slice(0, length));
}

/**
 * The JSON object as it may be stored, or why it cannot be.
 *
 * Whatever order the keys come in, the same props clean to the same names: dots become underscores
 * (the database reads `a.b` as b inside a), and a name that is taken already gets a number.
 */
export function cleanProps(props: Props, warn: Warn): { props: Props } | { problem: string } {
  let keys = 0;
  let problem: string | undefined;

  const clean = (value: Json, depth: number): Json => {
    if (typeof value === 'string') {
      return cleanText(value);
    }
    if (typeof value === 'number') {
      return cleanNumber(value);
    }
    if (typeof value !== 'object' || value === null) {
      return value;
    }
    if (depth > MAX_PROPS_DEPTH) {
      problem ??= `nest deeper than ${MAX_PROPS_DEPTH} levels; flatten them`;
      return null;
    }
    return Array.isArray(value) ? value.map((item) => clean(item, depth + 1)) : cleanObject(value, depth);
  };

  const cleanNumber = (value: number): Json => {
    if (!Number.isFinite(value)) {
      problem ??= 'hold a number too large for JSON; send it as text';
    }
    // Past 2^53 the parser has rounded already, and past 2^63 the database refuses a number.
    if (Math.abs(value) > Number.MAX_SAFE_INTEGER) {
      warn('rounded_number');
      return String(value);
    }
    return value;
  };

  const cleanObject = (object: Props, depth: number): Props => {
    const cleaned: Props = {};
    const renamed: [key: string, name: string, value: Json][] = [];
    for (const [key, value] of Object.entries(object)) {
      keys += 1;
      if (keys > MAX_PROPS_KEYS || key.length > MAX_ID_LENGTH) {
        problem ??=
          keys > MAX_PROPS_KEYS
            ? `have more than ${MAX_PROPS_KEYS} keys; send what you will query`
            : `have a key longer than ${MAX_ID_LENGTH} characters; shorten it`;
        return cleaned;
      }
      const name = cleanText(key).replaceAll('.', '_');
      if (UNSAFE_KEYS.has(name)) {
        warn('unsafe_key');
      } else if (name !== key) {
        warn('renamed_key');
        renamed.push([key, name, value]);
      } else {
        cleaned[key] = clean(value, depth + 1);
      }
    }
    for (const [, name, value] of renamed.sort(([a], [b]) => (a < b ? -1 : 1))) {
      let free = name;
      for (let number = 2; Object.hasOwn(cleaned, free); number += 1) {
        free = `${name}_${number}`;
      }
      cleaned[free] = clean(value, depth + 1);
    }
    return cleaned;
  };

  const cleaned = cleanObject(props, 1);
  if (problem === undefined && JSON.stringify(cleaned).length > MAX_PROPS_LENGTH) {
    problem = `are longer than ${MAX_PROPS_LENGTH} characters of JSON; send ids instead of contents`;
  }
  return problem === undefined ? { props: cleaned } : { problem: `"props" ${problem}.` };
}
