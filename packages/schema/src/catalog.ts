/**
 * The catalogue: which interactions a site records, what each is about and what it must carry.
 *
 * Shared by the app (types), the collector (checks) and analysts (meaning). The built-in half is
 * `liveMusic`; names of your own travel as `custom` interactions.
 */
import type { z } from 'zod';
import { show } from './explain.ts';
import { ENTITY_TYPES, type EntityType, INTERACTION_TYPES, type Interaction, type Json } from './wire.ts';

/** What the catalogue says about one type of interaction. */
export interface Definition {
  /** One sentence: when it is recorded. */
  description: string;
  /** The kinds of entity it may be about; any kind, or none, when left out. */
  entity?: readonly EntityType[];
  /**
   * What it must carry, in a field of its own or in `props`: by kind of entity, and under `any`
   * whatever it is about.
   */
  requires?: { readonly [kind: string]: readonly string[] };
  /** What `props` must be. */
  props?: z.ZodType<{ [key: string]: Json }>;
  /** Names of props about a person: export, erasure and hashing take care of them. */
  pii?: readonly string[];
  /** Raise it when the meaning changes. */
  version?: number;
}

/** Every interaction of a site by its type or, for a `custom` one, its name. */
export type Catalog = { readonly [name: string]: Definition };

/** Other names under which a fact travels: any of them will do. */
const STAND_INS: { readonly [fact: string]: readonly string[] } = {
  surface: ['source'],
  price_range: ['price_min', 'price_max'],
};

const BUILT_IN: ReadonlySet<string> = new Set(INTERACTION_TYPES);
const ENTITY_KINDS: ReadonlySet<string> = new Set(ENTITY_TYPES);

/**
 * Declares the interactions of a site.
 *
 * @param catalog - Spread `liveMusic` into it and add your own by name.
 * @returns The same object; its type gives completion in every tracking call.
 * @throws TypeError when a name or a list of personal props cannot be right: a developer is watching.
 * @example
 * defineCatalog({
 *   ...liveMusic,
 *   setlist_open: {
 *     description: 'Fan opened the setlist of an event',
 *     entity: ['event'],
 *     props: z.object({ songs: z.number().int() }),
 *   },
 * });
 */
export function defineCatalog<const C extends Catalog>(catalog: C): C {
  for (const [name, { props, pii = [] }] of Object.entries<Definition>(catalog)) {
    if (!/^[a-z][a-z0-9_]{0,49}$/.test(name)) {
      throw new TypeError(
        `defineCatalog: ${show(name)} is no name for an interaction. ` +
          'Use at most 50 lower-case letters, digits and underscores, such as "setlist_open".',
      );
    }
    const shape = (props as Partial<z.ZodObject> | undefined)?.shape;
    const unknown = shape && pii.find((prop) => !(prop in shape));
    if (unknown !== undefined) {
      throw new TypeError(
        `defineCatalog: "${name}" lists ${show(unknown)} as personal, but its props have no such name. ` +
          `Use one of ${Object.keys(shape ?? {}).join(', ')}.`,
      );
    }
  }
  return catalog;
}

/**
 * What an interaction should carry and does not: names of facts, and `entity_type` when it is about a
 * kind that its definition does not have. A prop that is there but not as described counts as missing.
 */
export function missingMetadata(interaction: Interaction, catalog: Catalog): string[] {
  const { type, name, entity_type: kind } = interaction;
  const isCustom = type === 'custom' && name !== undefined && !BUILT_IN.has(name);
  const word = isCustom ? name : type;
  // Not every name that an object answers to is one of the catalogue's: "constructor", say.
  const definition = Object.hasOwn(catalog, word) ? catalog[word] : undefined;
  if (definition === undefined) {
    return [];
  }
  const { entity, requires = {}, props } = definition;
  const missing = new Set<string>();
  // A kind of the site's own is welcome with every built-in type, which cannot know it.
  const isWelcome = !isCustom && kind !== undefined && !ENTITY_KINDS.has(kind);
  if (entity && !isWelcome && !(kind !== undefined && entity.includes(kind))) {
    missing.add('entity_type');
  }
  const ofKind = kind !== undefined && Object.hasOwn(requires, kind) ? requires[kind] : undefined;
  for (const fact of [...(requires.any ?? []), ...(ofKind ?? [])]) {
    if (!carries(interaction, fact) && !STAND_INS[fact]?.some((it) => carries(interaction, it))) {
      missing.add(fact);
    }
  }
  for (const issue of props?.safeParse(interaction.props ?? {}).error?.issues ?? []) {
    missing.add(String(issue.path[0] ?? 'props'));
  }
  return [...missing];
}

/** Whether a fact is there, in a field of the wire or in `props`. */
function carries(interaction: Interaction, fact: string): boolean {
  const field = interaction[fact as keyof Interaction];
  const value = field ?? interaction.props?.[fact];
  return value !== undefined && value !== null && value !== '';
}
