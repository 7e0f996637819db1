/**
 * What `track()` takes, as types: from the site's catalogue where one is registered, else any name with any
 * props, and completion for the built-in ones.
 *
 * A catalogue describes props by schemas. Their types are read by the shape that schemas of all libraries
 * share (https://standardschema.dev), so that no library is imported, not even as a type.
 */
import type { ENTITY_TYPES, InteractionType } from '@turnout/schema/wire';
import type { Details, Entity, Props } from './interaction.ts';
import type { BuiltInProps } from './props.ts';

/**
 * Tells the tracker about the catalogue of a site, once, in any module of it.
 *
 * @example
 * declare module '@turnout/sdk' {
 *   interface Register { catalog: typeof catalog }
 * }
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is filled by the site that registers a catalogue.
export interface Register {}

type Registered = Register extends { catalog: infer Catalog } ? Catalog : unknown;
type HasCatalog = Register extends { catalog: unknown } ? true : false;

/** What the catalogue says about a name; `unknown` when it says nothing. */
type DefinitionOf<Name> = Name extends keyof Registered ? Registered[Name] : unknown;

type KindsOf<Definition> = Definition extends { entity: readonly (infer Kind extends string)[] }
  ? Kind
  : never;
/** Kinds of the site's own are welcome with all built-in types, which cannot know them. */
type OwnKinds = Exclude<KindsOf<Registered[keyof Registered]>, (typeof ENTITY_TYPES)[number]>;

/** What a schema takes, by the shape of Standard Schema or of zod 4. */
type InputOf<Schema> = Schema extends {
  '~standard': { types?: { input: infer Input } | undefined };
}
  ? Input
  : Schema extends { _zod: { input: infer Input } }
    ? Input
    : Props;

/** Every name that `track` takes: with a catalogue, the built-in types and its own names; else any. */
export type InteractionName =
  | InteractionType
  | (HasCatalog extends true ? keyof Registered & string : string & {});

/** What an interaction of a name may be about: `event:42`, where the catalogue says `entity: ['event']`. */
export type EntityOf<Name> = [KindsOf<DefinitionOf<Name>>] extends [never]
  ? Entity
  : `${KindsOf<DefinitionOf<Name>> | (Name extends InteractionType ? OwnKinds : never)}:${string}`;

/** Props of a name: what the catalogue's schema takes; else those of a built-in type, and any others. */
export type PropsOf<Name> =
  DefinitionOf<Name> extends { props: infer Schema }
    ? InputOf<Schema>
    : Name extends keyof BuiltInProps
      ? BuiltInProps[Name] & Props
      : Props;

/** {@link Details} of a name. */
export interface DetailsOf<Name> extends Omit<Details, 'entity' | 'props'> {
  /** What it happened to: `event:42`, `artist:a-7`, `offer:vip` … */
  entity?: EntityOf<Name> | undefined;
  /** More facts as JSON. */
  props?: PropsOf<Name> | undefined;
}

/** What `track` is told beside the name: nothing is needed, unless the catalogue asks for props. */
export type TrackArguments<Name> =
  Record<never, never> extends PropsOf<Name>
    ? [details?: DetailsOf<Name>]
    : [details: DetailsOf<Name> & { props: PropsOf<Name> }];
