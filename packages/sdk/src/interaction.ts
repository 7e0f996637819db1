/**
 * One interaction, from what the page says to what travels.
 *
 * The one crossing from camelCase to the wire's snake_case. Everything is copied to text at once: what
 * the page changes later does not change what was recorded. No I/O.
 */
import { INTERACTION_TYPES, type InteractionType, keepTrait, MAX_PROPS_LENGTH } from '@turnout/schema/wire';
import { now } from './clock.ts';
import { toJson } from './json.ts';
import { toNumber, toText } from './loose.ts';
import { clip } from './page.ts';
import { quietly } from './quietly.ts';
import { scrub, scrubJson } from './scrub.ts';
import { uuidv7 } from './uuid.ts';

/** Facts about an interaction: whatever JSON can carry. Keep personal data out. */
// biome-ignore lint/suspicious/noExplicitAny: of `unknown`, no `interface` of a site's own would be one.
export type Props = Record<string, any>;

/** `kind:id` of what an interaction is about, such as `event:42` or `artist:a-7`. */
export type Entity = `${string}:${string}`;

/** What {@link Tracker.track} is told beside the type. */
export interface Details {
  /** What it happened to: `event:42`, `artist:a-7`, `offer:vip` … */
  entity?: Entity | undefined;
  /** The name of a `custom` interaction, or what was clicked, such as `load_more`. */
  name?: string | undefined;
  /** The list it stands in, such as `home-feed`. */
  list?: string | undefined;
  /** Its place in the list, from 0. */
  position?: number | undefined;
  /** Where on the site: `feed`, `search`, `event_modal` … */
  surface?: string | undefined;
  /** Money: the amount in `currency`, such as 49.5. */
  value?: number | undefined;
  /** ISO 4217, such as `USD`. */
  currency?: string | undefined;
  quantity?: number | undefined;
  /** The order of a purchase or refund: it counts once, whoever reports it. */
  orderId?: string | undefined;
  /** What was searched for. */
  query?: string | undefined;
  /** Ties the choice of a result to its search. */
  searchId?: string | undefined;
  /** One opening of a page, dialog or card: its parts share the id. */
  viewId?: string | undefined;
  /** 0 when a view opens; later parts carry increments of visible time. */
  part?: number | undefined;
  /** Visible time, in ms. */
  durationMs?: number | undefined;
  /** Share of the element that was visible, 0 to 1. */
  visibleRatio?: number | undefined;
  experiment?: string | undefined;
  variant?: string | undefined;
  /** Takes a like, save, follow or interest back: it counts −1. */
  undo?: boolean | undefined;
  /** More facts as JSON. */
  props?: Props | undefined;
}

/** An interaction as it waits: text, so that storing it and freezing a batch never walk objects again. */
export interface WrittenInteraction {
  id: string;
  at: number;
  type: InteractionType;
  /** JSON of the wire's interaction, without `context`. */
  text: string;
}

/** Details that the wire has as numbers. */
export const NUMBERS: readonly string[] = 'position value quantity part durationMs visibleRatio'.split(' ');

/** Details that travel under their own name in snake_case; `list` is `list_id`, `entity` and `props` are special. */
export const NAMES = [
  ...'name list surface currency orderId query searchId viewId experiment variant undo'.split(' '),
  ...NUMBERS,
] as Exclude<keyof Details, 'entity' | 'props'>[];

const toWire = (name: string) =>
  name === 'list' ? 'list_id' : name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** As the wire calls them, made once. */
const WIRE_NAMES = Object.fromEntries(NAMES.map((name) => [name, toWire(name)]));

/**
 * Writes an interaction down. What no wire can carry is left out; in debug mode `debug/check-details.ts` says so.
 * `contexts` are props that its own props win over. Personal data is taken out unless `isScrubbed` is false.
 */
export function writeInteraction(
  type: string,
  details: Details,
  contexts: Iterable<Props> = [],
  isScrubbed = true,
): WrittenInteraction {
  const at = now();
  const isKnown = (INTERACTION_TYPES as readonly string[]).includes(type);
  const interaction: Record<string, unknown> = {
    id: uuidv7(at, true),
    type: isKnown ? type : 'custom',
    occurred_at: at,
  };
  for (const name of NAMES) {
    const given = details[name];
    // An empty text is what templates leave where there is no value.
    if (given == null || given === '') continue;
    const value = asWritten(name, given);
    if (typeof value === 'number' && !Number.isFinite(value)) continue;
    // Ids are what the page says they are; what people type may hold anything.
    interaction[WIRE_NAMES[name] as string] =
      typeof value === 'string' ? clip(name === 'query' && isScrubbed ? scrub(value) : value) : value;
  }
  if (!isKnown) interaction.name = type;
  const [kind, ...id] = `${details.entity}`.split(':');
  if (kind && id.join(':')) {
    interaction.entity_type = kind;
    interaction.entity_id = id.join(':');
  }
  const text = toJson(interaction);
  const props = writeProps(details, contexts, isScrubbed && (type === 'identify' ? 'traits' : 'props'));
  return {
    id: interaction.id as string,
    at,
    type: interaction.type as InteractionType,
    text: props ? `${text.slice(0, -1)},"props":${props}}` : text,
  };
}

/** Ids that are numbers, and amounts that are texts, as the wire has them. */
function asWritten(name: string, given: unknown): unknown {
  if (typeof given !== 'string') return NUMBERS.includes(name) ? given : toText(given);
  if (NUMBERS.includes(name)) return toNumber(given) ?? given;
  return name === 'currency' ? given.toUpperCase() : given;
}

function writeProps(
  details: Details,
  contexts: Iterable<Props>,
  scrubbed: 'traits' | 'props' | false,
): string | undefined {
  try {
    // Spread defines properties; `Object.assign` sets them, and where prototypes are frozen that throws.
    let props: Props = {};
    for (const given of [...contexts, details.props]) {
      props = { ...props, ...(quietly(() => ({ ...given })) ?? {}) };
    }
    let text = quietly(() => toJson(props, MAX_PROPS_LENGTH)) ?? writeEach(props);
    // What somebody is called has no shape; traits tell it by their names.
    if (scrubbed === 'traits') text = toJson(JSON.parse(text, keepTrait));
    if (scrubbed) text = scrubJson(text);
    return text === '{}' ? undefined : text;
  } catch {
    return undefined; // The interaction is worth more than its props.
  }
}

/** One by one: what is too long, a cycle or a BigInt takes none of the others with it. */
function writeEach(props: Props): string {
  let room = MAX_PROPS_LENGTH;
  const write = (name: string) => {
    const text = toJson({ [name]: props[name] }, room);
    room -= text.length;
    return text.slice(1, -1);
  };
  // More are no facts but a mistake, which must not hold up the page.
  const names = Object.keys(props).slice(0, 200);
  const texts = names.map((name) => quietly(() => write(name)));
  return `{${texts.filter(Boolean)}}`;
}
