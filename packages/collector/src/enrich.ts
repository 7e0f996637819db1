/**
 * One accepted interaction and what the collector knows about its request → one row.
 *
 * Pure: the same input gives the same row, on every runtime.
 */
import type { Interaction, InteractionRow, PageContext, RejectedRow } from '@turnout/schema';
import { cookielessSessionId, orderLineId } from './derived-id.ts';
import type { BatchHead, Rejection } from './judge.ts';
import type { EventFacts, Stamp } from './knowledge.ts';
import { localDate, utcDate, utcTime } from './local-date.ts';
import type { Site } from './sites.ts';
import { correctedTime, type Times } from './times.ts';
import type { Agent } from './user-agent.ts';
import type { Warn } from './warnings.ts';
import { decimal, PRICES, splitProps } from './well-known-props.ts';

const NO_PROPS = {};

/** What the collector knows about a batch, beside what the batch says itself. */
export interface Facts extends Times {
  site: Site;
  attempt: number;
  agent: Agent;
  /** Takes note of well-known props that do not fit their column. */
  warn: Warn;
}

/** What it knows about one interaction of the batch. */
export interface OwnFacts {
  /** Without cookies the key changes with its `id_day`. */
  userKey: string;
  /** What all rows of its batch say of who sent it. */
  sender: Pick<BatchColumns, 'env' | 'is_bot'>;
  /** What is known of who did it … */
  person?: Stamp | undefined;
  /** … and of the event it is about. */
  event?: EventFacts | undefined;
}

/** The columns that are the same in all rows of a batch. */
export type BatchColumns = Pick<
  InteractionRow,
  | 'site_id'
  | 'received_at'
  | 'batch_id'
  | 'attempt'
  | 'visitor_id'
  | 'user_id'
  | 'sdk'
  | 'env'
  | 'device'
  | 'browser'
  | 'os'
  | 'is_bot'
>;

/** The columns that each interaction has of its own. Those of its page are its {@link PageContext} as it is. */
export type OwnColumns = Omit<InteractionRow, keyof BatchColumns | keyof PageContext>;

/** What all rows of a batch say. */
export function batchColumns(batch: BatchHead, { site, attempt, agent, receivedAt }: Facts): BatchColumns {
  return {
    site_id: site.id,
    received_at: utcTime(receivedAt),
    batch_id: batch.batch_id,
    attempt,
    // Without cookies nothing that a browser could be known by again is kept, even when it was sent.
    visitor_id: batch.cookieless ? undefined : batch.visitor_id,
    user_id: batch.user_id,
    sdk: batch.sdk ?? 'unknown',
    env: batch.env ?? 'production',
    device: agent.device,
    browser: agent.browser,
    os: agent.os,
    is_bot: agent.isBot || (agent.isAutomation && !site.countAutomation) ? 1 : 0,
  };
}

/** What the row of an interaction that `judgeBatch` accepted says by itself. Columns that do not apply are undefined. */
export function ownColumns(
  interaction: Interaction,
  batch: BatchHead,
  facts: Facts,
  { userKey, person, event, sender }: OwnFacts,
): OwnColumns {
  const { site } = facts;
  const ts = correctedTime(interaction.occurred_at, facts, batch);
  const occurredAt = utcTime(interaction.occurred_at);
  const idDay = occurredAt.slice(0, 10);
  const { entity_type, entity_id } = interaction;
  const { value, currency, site_value } = moneyOf(interaction, site);
  // A ticket of 8,000 yen is no luxury: prices of another currency stay among the props, as sums leave its money out.
  const left = currency === undefined || currency === site.currency ? undefined : PRICES;
  const { columns, rest } = splitProps(interaction.props ?? NO_PROPS, facts.warn, left);
  const lineId = orderLineId(site.id, interaction, sender);
  return {
    // These five first and in this order: the look-up of duplicates reads no further (sought.ts).
    id: lineId ?? interaction.id,
    // An order is looked for around its day by everybody's clock, and has its id whatever the day. All else is looked for on
    // its own day, which must be the same on every attempt: also a checkout that says which order it is to become.
    id_day: lineId === undefined ? idDay : utcTime(ts).slice(0, 10),
    type: interaction.type,
    user_key: userKey,
    order_id: interaction.order_id,
    name: interaction.name,
    ts: utcTime(ts),
    occurred_at: occurredAt,
    local_date: localDate(ts, site.timeZone),
    session_id:
      batch.cookieless || !batch.session_id ? cookielessSessionId(site.id, userKey, idDay) : batch.session_id,
    entity_type,
    entity_id,
    list_id: interaction.list_id,
    position: interaction.position,
    surface: interaction.surface,
    view_id: interaction.view_id,
    part: interaction.part,
    duration_ms: interaction.duration_ms,
    visible_ratio: interaction.visible_ratio,
    value,
    currency,
    site_value,
    quantity: interaction.quantity,
    experiment: interaction.experiment,
    variant: interaction.variant,
    query: interaction.query,
    search_id: interaction.search_id,
    undo: interaction.undo ? 1 : undefined,
    // Whatever is about an artist or a venue counts for that artist or venue, unless a prop says another.
    artist_id: columns.artist_id ?? event?.artist_id ?? (entity_type === 'artist' ? entity_id : undefined),
    venue_id: columns.venue_id ?? event?.venue_id ?? (entity_type === 'venue' ? entity_id : undefined),
    genre: columns.genre ?? event?.genre,
    event_date: columns.event_date ?? event?.event_date,
    price_min: columns.price_min ?? event?.price_min,
    price_max: columns.price_max ?? event?.price_max,
    ticket_provider: columns.ticket_provider,
    rating: columns.rating,
    city: person?.city,
    country: person?.country,
    age_band: person?.age_band,
    gender: person?.gender,
    props: rest,
  };
}

/** The row of an interaction that was not accepted. */
export function rejectedRow(
  rejection: Rejection,
  batch: BatchHead,
  facts: Pick<Facts, 'site' | 'receivedAt'> & Pick<OwnFacts, 'userKey'>,
): RejectedRow {
  const { index, id, code, message, text } = rejection;
  return {
    site_id: facts.site.id,
    received_at: utcTime(facts.receivedAt),
    received_day: utcDate(facts.receivedAt),
    batch_id: batch.batch_id,
    index,
    id: id ?? '',
    code,
    message,
    text,
    user_key: facts.userKey,
  };
}

function moneyOf(
  { type, value, currency }: Interaction,
  site: Site,
): Pick<InteractionRow, 'value' | 'currency' | 'site_value'> {
  if (value === undefined) {
    return { currency };
  }
  // Some report a refund as a negative amount; taken from a sum, it would add up instead.
  const amount = decimal(type === 'refund' ? Math.abs(value) : value);
  const paidIn = currency ?? site.currency;
  return { value: amount, currency: paidIn, site_value: paidIn === site.currency ? amount : undefined };
}
