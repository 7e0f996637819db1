/**
 * The wire: what a browser or a server sends to a collector, and what comes back.
 *
 * The one definition, shared by the SDK and the collector. It imports nothing, so that a browser
 * bundle pays only for the values it uses. Wire words are column words: snake_case, unchanged from
 * `track()` to the table. `interactions.ts` proves its zod schemas equal to these interfaces.
 */

/** Where a batch is posted. */
export const INTERACTIONS_PATH = '/v1/interactions';

/**
 * Names in the query string of {@link INTERACTIONS_PATH}. What differs between attempts travels here,
 * so that the body is byte-identical on every retry.
 */
export const QUERY = {
  /** The write key of the site. */
  key: 'key',
  /** 0 for the first attempt; 1 or more for a retry and for whatever was reloaded from storage. */
  attempt: 'attempt',
  /** The sender's clock when this attempt left, in ms since 1970: the collector corrects skew with it. */
  sentAt: 'sent_at',
  /** 1 when the browser says that a program drives it (`navigator.webdriver`). */
  automated: 'automated',
} as const;

/** A batch frozen by the SDK never exceeds this many bytes of UTF-8: keepalive requests share 64 KiB. */
export const MAX_BATCH_BYTES = 60_000;
/** A body larger than this (inflated) is answered 413. Servers may send more at once than browsers. */
export const MAX_BODY_BYTES = 1_048_576;
/** A batch with more interactions than this is answered 413. */
export const MAX_INTERACTIONS = 1_000;
/** Ids, keys and short names: `entity_id`, `list_id`, `order_id`, `visitor_id` … in characters. */
export const MAX_ID_LENGTH = 200;
/** Free text: `query`, `title`, addresses, in characters. */
export const MAX_TEXT_LENGTH = 2_000;
/** `props` as JSON text, in characters. */
export const MAX_PROPS_LENGTH = 8_000;
/** How deep `props` may nest. */
export const MAX_PROPS_DEPTH = 8;
/** How many keys `props` may have, all levels together. */
export const MAX_PROPS_KEYS = 200;
/** An interaction is accepted this long after it happened; an older one is a bulk import. */
export const ACCEPTED_PAST_MS = 14 * 86_400_000;
/** An interaction may lie this far ahead of the collector's clock. */
export const ACCEPTED_FUTURE_MS = 5 * 60_000;

/** Every interaction type. The list is closed: `custom` carries a `name` of your own. */
export const INTERACTION_TYPES = [
  'page_view',
  'served',
  'impression',
  'click',
  'view',
  'search',
  'scroll',
  'interest',
  'like',
  'save',
  'follow',
  'friend_add',
  'share',
  'comment',
  'review',
  'message',
  'media_play',
  'swipe',
  'form_submit',
  'dismiss',
  'ticket_click',
  'cart_add',
  'cart_remove',
  'checkout_start',
  'purchase',
  'refund',
  'booking_request',
  'subscribe',
  'tip',
  'agreement_sign',
  'exposure',
  'funnel_step',
  'waitlist_join',
  'waitlist_offer',
  'waitlist_accept',
  'waitlist_decline',
  'waitlist_expire',
  'waitlist_leave',
  'attendance',
  'identify',
  'web_vital',
  'custom',
] as const;

/** What a visitor did. */
export type InteractionType = (typeof INTERACTION_TYPES)[number];

/** The kinds of entity that Turnout knows by name; any other snake_case word is a kind of your own. */
export const ENTITY_TYPES = [
  'event',
  'artist',
  'venue',
  'ad',
  'offer',
  'ticket_link',
  'review',
  'user',
  'session',
  'list',
  'recommendation',
  'search',
  'page',
] as const;

/** A built-in kind of entity, or one of your own. */
export type EntityType = (typeof ENTITY_TYPES)[number] | (string & {});

const BIRTHDAY = /^(birth(day|date)|dateofbirth|dob)$/;
const PERSONAL =
  /^(first|middle|last|full|given|family|display|user|nick|sur)?name$|mail$|address|phone(number)?$|^mobile(number)?$|^(avatar|photo|street|tel|ip|ssn)$|passw|token/;

/**
 * Keeps a trait, or leaves it out where its name says that it tells who somebody is: a reviver for `JSON.parse`.
 *
 * However the name is written, and at whatever depth: `full_name`, `phoneNumber`, `contact: { eMail }`. Of a
 * birthday the year is kept. True and false tell of nobody: `has_phone`.
 */
export function keepTrait(name: string, value: unknown): unknown {
  const word = name.toLowerCase().replace(/[^a-z]/g, '');
  if (BIRTHDAY.test(word)) return /^\d{4}(?=$|-)/.exec(String(value))?.[0];
  return typeof value !== 'boolean' && PERSONAL.test(word) ? undefined : value;
}

/** Any value that JSON can carry. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The page an interaction happened on. Many interactions of a batch share one. */
export interface PageContext {
  page_url?: string;
  page_path?: string;
  referrer?: string;
  title?: string;
  utm_source?: string;
  utm_medium?: string;
  utm_campaign?: string;
  utm_term?: string;
  utm_content?: string;
  /** BCP 47 tag of the browser, such as `en-GB`. */
  language?: string;
  /** CSS pixels. */
  viewport_width?: number;
  /** CSS pixels. */
  viewport_height?: number;
}

/** One tracked thing a visitor did. */
export interface Interaction {
  /** A UUID (version 7 from the SDK) made when it happened; the collector counts each id of a site once. */
  id: string;
  type: InteractionType;
  /** The name of a `custom` interaction. */
  name?: string;
  /** The browser's clock, ms since 1970; frozen when recorded. */
  occurred_at: number;
  /** Index into the batch's `contexts`. */
  context?: number;
  entity_type?: EntityType;
  entity_id?: string;
  list_id?: string;
  /** Place in its list, from 0. */
  position?: number;
  /** Where on the site it happened: `feed`, `search`, `event_modal` … */
  surface?: string;
  /** One opening of a page, dialog or card: its parts share the id. */
  view_id?: string;
  /** 0 when a view opens; 1, 2 … carry increments of visible time. */
  part?: number;
  /** Visible time of this part, in ms. */
  duration_ms?: number;
  /** Share of the element that was visible, 0 to 1. */
  visible_ratio?: number;
  /** Money: the amount in `currency`, such as 49.5. */
  value?: number;
  /** ISO 4217, such as `USD`. */
  currency?: string;
  quantity?: number;
  order_id?: string;
  experiment?: string;
  variant?: string;
  /** What was searched for. */
  query?: string;
  search_id?: string;
  /** Takes a like, save, follow or interest back: it counts -1. */
  undo?: boolean;
  /** Facts about it as JSON. Well-known ones become columns: `artist_id`, `venue_id`, `genre` … */
  props?: { [key: string]: Json };
}

/** The interactions of one request: one visitor, one session, one consent state. */
export interface Batch {
  /** A UUID made when the batch was frozen. */
  batch_id: string;
  /** Who made it, such as `js/0.1.0`; every SDK says so, a batch posted by hand need not. */
  sdk?: string;
  /** `production` unless said otherwise; rollups count only that. */
  env?: string;
  /** Random id of the browser. One of `visitor_id`, `user_id` and `cookieless` must be there. */
  visitor_id?: string;
  /** Id of the signed-in person, as your own system knows it. */
  user_id?: string;
  /** Nothing is stored in the browser: the collector derives a daily id. */
  cookieless?: true;
  /** Required unless `cookieless`. */
  session_id?: string;
  /** Only a visitor who granted, or was never asked, is ever sent. */
  consent?: 'granted';
  /**
   * How many interactions this browser dropped undelivered (too old, too many, refused) since the last
   * batch that said so. Each is counted in one batch.
   */
  dropped?: number;
  contexts?: PageContext[];
  interactions: Interaction[];
}

/** Why one interaction was not accepted. */
export type RejectionCode =
  /** A field is missing, of the wrong kind or out of its bounds. */
  | 'invalid'
  /** `type` is not one of {@link INTERACTION_TYPES}. */
  | 'unknown_type'
  /** Older than {@link ACCEPTED_PAST_MS} or ahead of the collector's clock. */
  | 'time_out_of_range'
  /** The site's catalogue is strict and the metadata that the type must carry is missing. */
  | 'missing_metadata'
  /** The database refused the row for a reason that no check foresaw. */
  | 'refused'
  /** Its key stands for another record, which was kept. Only back ends give keys. */
  | 'conflict'
  /** It was recorded before the data of its person was erased. */
  | 'erased';

/** One interaction that was not accepted; its neighbours were. */
export interface RejectedInteraction {
  /** Its place in the batch, from 0. */
  index: number;
  /** Its id, where it had one. */
  id: string | null;
  code: RejectionCode;
  /** What is wrong and what to do. */
  message: string;
}

/** The body of a 202: every accepted interaction is on disk. `accepted + rejected.length` were sent. */
export interface Answer {
  /** Duplicates included. */
  accepted: number;
  rejected: RejectedInteraction[];
}
