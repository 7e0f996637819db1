/**
 * Makes what browsers send safe to store, before it reaches the log.
 *
 * One value that the database cannot read fails the block of thousands it travels in, so nothing of
 * the kind may pass: what can be mended is mended, the rest is named as a problem.
 */
import { type Json, MAX_ID_LENGTH, MAX_PROPS_DEPTH, MAX_PROPS_KEYS, MAX_PROPS_LENGTH } from '@turnout/schema';
import type { Warn } from './warnings.ts';

type Props = { [key: string]: Json };

/** NUL, or half of a character: nearly no text has one, and looking is quick. */
const SUSPECT = /[\0\ud800-\udfff]/;
const LONE_SURROGATES = /\p{Surrogate}/gu;
/** Names that reach an object's prototype in code that reads the props later. */
const UNSAFE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Well-formed text without NUL: lone surrogates are no UTF-8, and NUL ends strings in many a tool. */
export function cleanText(text: string): string {
  return SUSPECT.test(text) ? text.replaceAll('\0', '').replace(LONE_SURROGATES, '\u{fffd}') : text;
}

/** True when no field of the value itself holds text that {@link cleanText} would change. */
export function hasCleanTexts(value: { [key: string]: unknown }): boolean {
  for (const key in value) {
    const field = value[key];
    if (typeof field === 'string' && SUSPECT.test(field)) return false;
  }
  return true;
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
  // Nearly all are clean and short: then nothing has to be copied or measured.
  if (lengthAtMost(props, 1) <= MAX_PROPS_LENGTH) return { props };
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

/** So many characters for each key that those of {@link MAX_PROPS_KEYS} keys exceed {@link MAX_PROPS_LENGTH}. */
const LEAST_FOR_A_KEY = Math.ceil((MAX_PROPS_LENGTH + 1) / MAX_PROPS_KEYS);
/** JSON may write one character as six. */
const MOST_FOR_A_CHARACTER = 6;
const MOST_FOR_A_NUMBER = 26;

/** A length that the JSON of a value does not exceed; infinite where something has to be mended or refused. */
function lengthAtMost(value: Json, depth: number): number {
  if (typeof value === 'string')
    return SUSPECT.test(value) ? Number.POSITIVE_INFINITY : value.length * MOST_FOR_A_CHARACTER + 3;
  if (typeof value === 'number')
    return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? MOST_FOR_A_NUMBER : Number.POSITIVE_INFINITY;
  if (typeof value !== 'object' || value === null) return 6;
  if (depth > MAX_PROPS_DEPTH) return Number.POSITIVE_INFINITY;
  let length = 3;
  if (Array.isArray(value)) {
    for (const item of value) length += lengthAtMost(item, depth + 1);
    return length;
  }
  for (const key in value) {
    if (key.length > MAX_ID_LENGTH || key.includes('.') || UNSAFE_KEYS.has(key) || SUSPECT.test(key))
      return Number.POSITIVE_INFINITY;
    length += Math.max(LEAST_FOR_A_KEY, key.length * MOST_FOR_A_CHARACTER + 4);
    length += lengthAtMost(value[key] ?? null, depth + 1);
  }
  return length;
}
