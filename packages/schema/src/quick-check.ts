/**
 * What a schema answers for good values, many times faster.
 *
 * Nearly all that arrives is good, and zod costs more for it than parsing its JSON. So a schema of plain fields is
 * turned into one test per field, once. Whatever fails a test goes to zod, which decides and says what is wrong: the
 * schema stays the only definition.
 */
import type { z } from 'zod';

type Test = (value: unknown) => boolean;

/**
 * Makes the test of an object schema whose fields are texts, numbers, booleans, words of a list, literals, lists or
 * customs, each with bounds and patterns.
 *
 * @param relations - What the schema asks of its fields together; the value is good when it finds nothing.
 * @returns True only when zod would take the value and give it back as it is. A field that the schema does not know
 * makes it false, because zod leaves such fields out.
 * @throws Error when the schema holds what cannot be tested like this.
 */
export function quickCheck<Value extends object>(
  schema: z.ZodObject,
  relations: (value: Value) => readonly string[],
): (value: { [key: string]: unknown }) => boolean {
  const tests = new Map<string, Test>();
  const required: string[] = [];
  for (const [name, field] of Object.entries(schema.shape)) {
    const { def } = (field as z.ZodType)._zod as unknown as { def: Definition };
    const isOptional = def.type === 'optional';
    if (!isOptional) required.push(name);
    const inner = isOptional ? (def.innerType?._zod.def as Definition) : def;
    tests.set(name, testOf(inner, name));
  }
  return (value) => {
    let missing = required.length;
    for (const name in value) {
      const test = tests.get(name);
      if (test === undefined || !test(value[name])) return false;
      if (required.includes(name)) missing -= 1;
    }
    return missing === 0 && relations(value as Value).length === 0;
  };
}

/** What zod writes down of a schema, as far as it is used here. */
interface Definition {
  type: string;
  format?: string;
  innerType?: { _zod: { def: unknown } };
  entries?: Record<string, string>;
  values?: readonly unknown[];
  element?: { _zod: { def: Definition } };
  fn?: Test;
  checks?: readonly { _zod: { def: Check } }[];
}

interface Check {
  check: string;
  minimum?: number;
  maximum?: number;
  value?: number;
  inclusive?: boolean;
  pattern?: RegExp;
  tx?: (value: unknown) => unknown;
}

function testOf(definition: Definition, name: string): Test {
  const tests = [
    kindOf(definition, name),
    ...(definition.checks ?? []).map(({ _zod }) => checkOf(_zod.def, name)),
  ];
  const [first, second, third] = tests as [Test, Test?, Test?];
  if (tests.length > 3) return (value) => tests.every((test) => test(value));
  return (value) => first(value) && (!second || second(value)) && (!third || third(value));
}

function kindOf(definition: Definition, name: string): Test {
  switch (definition.type) {
    case 'string':
      return (value) => typeof value === 'string';
    case 'number':
      return definition.format === 'safeint' ? Number.isSafeInteger : Number.isFinite;
    case 'boolean':
      return (value) => typeof value === 'boolean';
    case 'enum': {
      const words: ReadonlySet<unknown> = new Set(Object.values(definition.entries ?? {}));
      return (value) => words.has(value);
    }
    case 'literal':
      return (value) => definition.values?.includes(value) ?? false;
    case 'array':
      if (definition.element?._zod.def.type === 'unknown') return Array.isArray;
      break;
    case 'custom':
      if (definition.fn) return definition.fn;
      break;
  }
  throw new Error(`The field "${name}" is of a kind (${definition.type}) that has no quick check.`);
}

function checkOf({ check, minimum = 0, maximum = 0, value: limit = 0, ...rest }: Check, name: string): Test {
  const { inclusive, pattern, tx } = rest;
  const lengthOf = (value: unknown) => (value as string | unknown[]).length;
  switch (check) {
    case 'min_length':
      return (value) => lengthOf(value) >= minimum;
    case 'max_length':
      return (value) => lengthOf(value) <= maximum;
    case 'greater_than':
      return (value) => (inclusive ? (value as number) >= limit : (value as number) > limit);
    case 'less_than':
      return (value) => (inclusive ? (value as number) <= limit : (value as number) < limit);
    case 'string_format':
      // A global or sticky pattern remembers where it stopped.
      if (pattern && !pattern.global && !pattern.sticky) return (value) => pattern.test(value as string);
      break;
    case 'overwrite':
      // A value that zod would change is not quick.
      if (tx) return (value) => tx(value) === value;
      break;
  }
  throw new Error(`The field "${name}" has a check (${check}) that has no quick form.`);
}
