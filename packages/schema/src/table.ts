import type { InteractionType, Json } from './wire.ts';

/**
 * One row of `turnout.interactions`, as the collector writes it to its log.
 *
 * The wire's words, unchanged, plus what the collector stamps. Times are `YYYY-MM-DD hh:mm:ss.mmm` in
 * UTC, dates `YYYY-MM-DD`. Columns that do not apply are left out: the table's defaults fill them. The
 * writer adds `batch` (the block's token) when it inserts.
 */
export interface InteractionRow {
  site_id: string;
  id: string;
  /** UTC date of the uncorrected `occurred_at`: the same on every attempt. */
  id_day: string;
  type: InteractionType;
  name?: string;
  /** `occurred_at` corrected by the sender's clock skew. */
  ts: string;
  occurred_at: string;
  received_at: string;
  /** `ts` in the site's time zone: all days in rollups are this. */
  local_date: string;
  batch_id: string;
  attempt: number;
  /** First 8 bytes of HMAC(secret, site, user or visitor), as decimal text: JavaScript rounds UInt64. */
  user_key: string;
  visitor_id?: string;
  user_id?: string;
  session_id: string;
  sdk: string;
  env: string;
  entity_type?: string;
  entity_id?: string;
  list_id?: string;
  position?: number;
  surface?: string;
  view_id?: string;
  part?: number;
  duration_ms?: number;
  visible_ratio?: number;
  /** Decimal text with at most four places, in `currency`. */
  value?: string;
  currency?: string;
  /** `value` where `currency` is the site's own, else absent: what sums add up. */
  site_value?: string;
  quantity?: number;
  order_id?: string;
  experiment?: string;
  variant?: string;
  query?: string;
  search_id?: string;
  undo?: 1;
  artist_id?: string;
  venue_id?: string;
  genre?: string;
  event_date?: string;
  price_min?: string;
  price_max?: string;
  ticket_provider?: string;
  rating?: string;
  city?: string;
  country?: string;
  age_band?: string;
  gender?: string;
  page_url?: string;
  page_path?: string;
  referrer?: string;
  title?: string;
  utm_source?: string;
  utm_medium?: string;
  utm_campaign?: string;
  utm_term?: string;
  utm_content?: string;
  language?: string;
  viewport_width?: number;
  viewport_height?: number;
  device: string;
  browser: string;
  os: string;
  is_bot: 0 | 1;
  props?: { [key: string]: Json };
}

/** One row of `turnout.rejected_interactions`. */
export interface RejectedRow {
  site_id: string;
  received_at: string;
  received_day: string;
  batch_id: string;
  index: number;
  id: string;
  code: string;
  message: string;
  /** The interaction as it was read, as JSON again, cut to 4,000 characters. */
  text: string;
  user_key: string;
}

/**
 * One row of `turnout.entities`: what a site knows about a thing. Sent again with a higher `version` it replaces
 * what was known; with the same version it changes nothing.
 */
export interface EntityRow {
  site_id: string;
  /** As in interactions: `event`, `artist`, `venue`, `ad`, `offer` or a kind of your own. */
  entity_type: string;
  entity_id: string;
  /** Whole and growing, such as milliseconds since 1970; as decimal text, because JavaScript rounds UInt64. */
  version: string;
  /** 1 takes the thing out of the catalogue. */
  deleted?: 0 | 1;
  name?: string;
  city?: string;
  /** ISO 3166-1 alpha-2. */
  country?: string;
  genre?: string;
  /** Of an event: who plays. */
  artist_id?: string;
  /** Of an event: where. */
  venue_id?: string;
  /** `YYYY-MM-DD`: first day of the event, or of the run of an ad or offer. */
  starts_on?: string;
  /** `YYYY-MM-DD` */
  ends_on?: string;
  /** Decimal text with at most four places, in the currency of the site. */
  price_min?: string;
  price_max?: string;
  capacity?: number;
  /** Decimal text: what it costs the site, for each `cost_per`. */
  cost?: string;
  /** `run`: for all days from `starts_on` to `ends_on`. `mille`: for 1,000 impressions. */
  cost_per?: 'run' | 'day' | 'mille' | 'click';
}

/** One row of `turnout.people`: what a site knows about a person. Replaced like {@link EntityRow}; erasable. */
export interface PersonRow {
  site_id: string;
  /** As in {@link InteractionRow}. */
  user_key: string;
  /** As in {@link EntityRow}. */
  version: string;
  birth_year?: number;
  gender?: string;
  city?: string;
  country?: string;
}

/** One row of `turnout.identity_links`: a visitor who signed in. Serves export and erasure. */
export interface IdentityLinkRow {
  site_id: string;
  /** The person as a visitor, decimal text like `user_key`. */
  visitor_key: string;
  /** The person who signed in. */
  user_key: string;
  /** `YYYY-MM-DD hh:mm:ss.mmm` in UTC. */
  linked_at: string;
}
