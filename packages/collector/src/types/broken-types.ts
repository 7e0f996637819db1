import type { PropSchema, TypeSchema, TypeSchemas } from './type-schema.ts';

/**
 * What a change of the catalogue breaks: for rows that are stored, for pages that still send as before, and for who reads
 * both. A type whose version was raised says so itself, and breaks nothing.
 */
export function brokenTypes(before: TypeSchemas, after: TypeSchemas): string[] {
  return Object.entries(before).flatMap(([name, old]) => {
    const now = Object.hasOwn(after, name) ? after[name] : undefined;
    // What is not recorded any more is in nobody's way: the rows of before stay.
    if (now === undefined || versionOf(now) > versionOf(old)) return [];
    const problems = versionOf(now) < versionOf(old) ? ['its version went down'] : changesOf(old, now);
    return problems.map((problem) => `${name}: ${problem}.`);
  });
}

const versionOf = (schema: TypeSchema): number => schema['x-turnout']?.version ?? 1;

function changesOf(old: TypeSchema, now: TypeSchema): string[] {
  const [wasRequired, isRequired] = [new Set(old.required), new Set(now.required)];
  const before = old.properties ?? {};
  const after = now.properties ?? {};
  const props = Object.entries(before).flatMap(([prop, shape]) => {
    const present = Object.hasOwn(after, prop) ? after[prop] : undefined;
    if (present === undefined) return [`the prop "${prop}" is gone`];
    return changeOf(prop, shape, present);
  });
  const required = [...isRequired]
    .filter((prop) => !wasRequired.has(prop))
    .map((prop) => `the prop "${prop}" has to be there now, and pages that are open do not send it`);
  return [...props, ...required, ...kindsLost(old, now), ...factsAsked(old, now)];
}

function changeOf(prop: string, old: PropSchema, now: PropSchema): string[] {
  const [was, is] = [valuesOf(old), valuesOf(now)];
  if (JSON.stringify(typesOf(old)) !== JSON.stringify(typesOf(now)))
    return [`the prop "${prop}" was ${typesOf(old).join(' or ')} and is ${typesOf(now).join(' or ')} now`];
  const lost =
    is === undefined ? [] : was === undefined ? undefined : was.filter((value) => !is.includes(value));
  if (lost === undefined)
    return [`the prop "${prop}" could be anything of its type and must be one of a few now`];
  return lost.length === 0 ? [] : [`the prop "${prop}" can be ${lost.join(' or ')} no longer`];
}

function typesOf({ type, anyOf }: PropSchema): string[] {
  const types = anyOf ? anyOf.flatMap(typesOf) : [type ?? 'anything'].flat();
  return [...new Set(types)].sort();
}

/** The few values that a prop may have, as JSON; undefined where it may have any. */
function valuesOf(shape: PropSchema): string[] | undefined {
  const values = shape.enum ?? ('const' in shape ? [shape.const] : undefined);
  return values?.map((value) => JSON.stringify(value));
}

function kindsLost(old: TypeSchema, now: TypeSchema): string[] {
  const [was, is] = [old['x-turnout']?.entity, now['x-turnout']?.entity];
  if (is === undefined) return [];
  if (was === undefined) return [`it could be about anything and must be about ${is.join(' or ')} now`];
  const lost = was.filter((kind) => !is.includes(kind));
  return lost.length === 0 ? [] : [`it can be about ${lost.join(' or ')} no longer`];
}

function factsAsked(old: TypeSchema, now: TypeSchema): string[] {
  const was = old['x-turnout']?.requires ?? {};
  return Object.entries(now['x-turnout']?.requires ?? {}).flatMap(([kind, facts]) =>
    facts
      .filter((fact) => !was[kind]?.includes(fact))
      .map((fact) => `it has to carry "${fact}" now, and pages that are open do not send it`),
  );
}
