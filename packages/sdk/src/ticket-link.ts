/**
 * What a ticket link tells: where it leads, what it costs, and how long there is until the event.
 */
import type { Props } from './interaction.ts';
import { quietly } from './quietly.ts';
import { scrub } from './scrub.ts';

/** Host and path of an address, without what is personal in either; nothing for `mailto:` and the like. */
export const addressOf = ({ protocol, host, pathname }: Pick<URL, 'protocol' | 'host' | 'pathname'>) =>
  protocol.startsWith('http') ? host + scrub(pathname) : undefined;

/** What leads elsewhere: a link, an area of an image map, or a link in SVG, whose address is an object. */
export type Link = HTMLAnchorElement | HTMLAreaElement | SVGAElement;

/** Where a link leads; nothing for one without an address. */
export const urlOf = ({ href }: Link): URL | undefined =>
  quietly(() => (typeof href === 'string' ? new URL(href) : new URL(href.baseVal, location.href)));

/** What {@link ticketProps} is told beside the link. */
export interface TicketFacts {
  /** Who sells; the link's host when left out. */
  provider?: string;
  priceMin?: number;
  priceMax?: number;
  /** ISO 8601, such as `2026-11-28`. */
  eventDate?: string | undefined;
}

/**
 * Props of a `ticket_click`: address and provider from the link, prices, and days until the event.
 *
 * @param link - The link, or its address.
 * @example
 * tracker.track('ticket_click', {
 *   entity: 'event:42',
 *   props: ticketProps(link, { priceMin: 25, priceMax: 60, eventDate: '2026-11-28' }),
 * });
 */
export function ticketProps(
  link: { href: string } | string,
  { provider, priceMin, priceMax, eventDate }: TicketFacts = {},
): Props {
  const url = quietly(() => new URL(typeof link === 'string' ? link : link.href));
  const address = url && addressOf(url);
  return {
    ticket_url: address && `${url.protocol}//${address}`,
    ticket_provider: provider ?? (address && url.hostname.replace(/^www\./, '')),
    price_min: priceMin,
    price_max: priceMax,
    event_date: eventDate,
    days_until_event: eventDate && daysUntil(eventDate),
  };
}

/**
 * Days from today to a date: 0 today, 1 tomorrow, −1 yesterday. The date is that of the place where the
 * event is; its time of day does not count.
 *
 * @param date - ISO 8601, such as `2026-11-28` or `2026-11-28T20:00:00-06:00`.
 * @returns `undefined` when it is no date.
 */
export function daysUntil(date: string, today = new Date()): number | undefined {
  // Days of the calendar, counted where all are equally long.
  const from = Date.UTC(today.getFullYear(), today.getMonth(), today.getDate());
  const days = (Date.parse(date.slice(0, 10)) - from) / 86_400_000;
  return Number.isInteger(days) ? days : undefined;
}
