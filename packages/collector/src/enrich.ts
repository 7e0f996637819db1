/**
 * One accepted interaction and what the collector knows about its request → one row.
 *
 * Pure: the same input gives the same row, on every runtime.
 */
import type { Interaction, InteractionRow, PageContext, RejectedRow } from '@turnout/schema';
import { cookielessSessionId, orderLineId } from './derived-id.ts';
import { type BatchHead, correctedTime, type Rejection, type Times } from './judge.ts';
import type { EventFacts, Stamp } from './knowledge.ts';
import { localDate, utcDate, utcTime } from './local-date.ts';
import type { Site } from './sites.ts';
import type { Agent } from './user-agent.ts';
import type { Warn } from './warnings.ts';
import { decimal, splitProps } from './well-known-props.ts';

const NO_PAGE: PageContext = {};

/** What the collector knows beside the interaction itself. */
export interface Facts extends Times {
  site: Site;
  attempt: number;
  /** Of this interaction: without cookies the key changes with its `id_day`. */
  userKey: string;
  agent: Agent;
  /** What is known of who did it … */
  person?: Stamp | undefined;
  /** … and of the event it is about. */
  event?: EventFacts | undefined;
  /** Takes note of well-known props that do not fit their column. */
  warn: Warn;
}

/**
 * The row of an interaction that `judgeBatch` accepted. Columns that do not apply are undefined, which
 * JSON leaves out: one literal with every column is many times faster than spreading parts together.
 */
export function toRow(interaction: Interaction, batch: BatchHead, facts: Facts): InteractionRow {
  const { site, agent, userKey, person, event } = facts;
  const page = batch.contexts?.[interaction.context ?? -1] ?? NO_PAGE;
  const ts = correctedTime(interaction.occurred_at, facts);
  const occurredAt = utcTime(interaction.occurred_at);
  const idDay = occurredAt.slice(0, 10);
  const { columns, rest } = splitProps(interaction.props ?? {}, facts.warn);
  const { entity_type, entity_id } = interaction;
  const { value, currency, site_value } = moneyOf(interaction, site);
  return {
    site_id: site.id,
    id: orderLineId(site.id, interaction) ?? interaction.id,
    id_day: idDay,
    type: interaction.type,
    name: interaction.name,
    ts: utcTime(ts),
    occurred_at: occurredAt,
    received_at: utcTime(facts.receivedAt),
    local_date: localDate(ts, site.timeZone),
    batch_id: batch.batch_id,
    attempt: facts.attempt,
    user_key: userKey,
    // Without cookies nothing that a browser could be known by again is kept, even when it was sent.
    visitor_id: batch.cookieless ? undefined : batch.visitor_id,
    user_id: batch.user_id,
    session_id:
      batch.cookieless || !batch.session_id ? cookielessSessionId(site.id, userKey, idDay) : batch.session_id,
    sdk: batch.sdk ?? 'unknown',
    env: batch.env ?? 'production',
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
    order_id: interaction.order_id,
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
    page_url: page.page_url,
    page_path: page.page_path,
    referrer: page.referrer,
    title: page.title,
    utm_source: page.utm_source,
    utm_medium: page.utm_medium,
    utm_campaign: page.utm_campaign,
    utm_term: page.utm_term,
    utm_content: page.utm_content,
    language: page.language,
    viewport_width: page.viewport_width,
    viewport_height: page.viewport_height,
    device: agent.device,
    browser: agent.browser,
    os: agent.os,
    is_bot: agent.isBot || (agent.isAutomation && !site.countAutomation) ? 1 : 0,
    props: rest,
  };
}

/** The row of an interaction that was not accepted. */
export function rejectedRow(
  rejection: Rejection,
  batch: BatchHead,
  facts: Pick<Facts, 'site' | 'receivedAt' | 'userKey'>,
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
