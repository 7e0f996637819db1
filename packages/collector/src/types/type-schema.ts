import type { Catalog, Definition } from '@turnout/schema';
import { z } from 'zod';

/** What the catalogue says of a type that JSON Schema has no word for. */
interface Facts {
  entity?: readonly string[];
  requires?: { readonly [kind: string]: readonly string[] };
  pii?: readonly string[];
  version?: number;
}

/** A prop as JSON Schema. */
export interface PropSchema {
  type?: string | readonly string[];
  enum?: readonly unknown[];
  const?: unknown;
  anyOf?: readonly PropSchema[];
  items?: PropSchema;
  description?: string;
  [word: string]: unknown;
}

/** The props of one type as JSON Schema 2020-12. */
export interface TypeSchema {
  description: string;
  type: 'object';
  properties?: { [prop: string]: PropSchema };
  required?: readonly string[];
  additionalProperties?: unknown;
  'x-turnout'?: Facts;
}

export type TypeSchemas = { [name: string]: TypeSchema };

/**
 * What a sender may write into the props of each type, by the name of the type and in its order.
 *
 * @throws Error naming the type whose props are no schema of zod 4.
 */
export function typeSchemas(catalog: Catalog): TypeSchemas {
  const names = Object.keys(catalog).sort();
  return Object.fromEntries(names.map((name) => [name, schemaOf(name, catalog[name] as Definition)]));
}

function schemaOf(
  name: string,
  { description, props, entity, requires, pii, version }: Definition,
): TypeSchema {
  const facts: Facts = {
    ...(entity === undefined ? {} : { entity }),
    ...(requires === undefined ? {} : { requires }),
    ...(pii === undefined || pii.length === 0 ? {} : { pii }),
    ...(version === undefined ? {} : { version }),
  };
  const said = props === undefined ? {} : propsOf(name, props);
  return {
    description,
    type: 'object',
    ...said,
    ...(Object.keys(facts).length === 0 ? {} : { 'x-turnout': facts }),
  };
}

function propsOf(name: string, props: z.ZodType): Partial<TypeSchema> {
  // A catalogue brings the zod of its own folder: one of version 3 has other insides.
  if (typeof props !== 'object' || !('_zod' in props))
    throw new Error(
      `The props of "${name}" are no schema of zod 4: write props: z.object({ … }), with z from 'zod' 4 or newer.`,
    );
  const {
    $schema: _,
    description: __,
    ...shape
  } = z.toJSONSchema(props, { io: 'input', unrepresentable: 'any' });
  return shape as Partial<TypeSchema>;
}
