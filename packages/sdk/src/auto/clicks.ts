/**
 * What a click tells beside its element: where a link leads, whether it is one click too many, and
 * whether a hand did it.
 */
import { capture } from '../capture.ts';
import type { Props } from '../interaction.ts';
import { quietly } from '../quietly.ts';
import { redact } from '../redact.ts';
import type { Tracker } from '../tracker.ts';

/** What is looked at of a click; keep it to judge the next one. */
export type Click = Pick<MouseEvent, 'isTrusted' | 'target' | 'timeStamp'>;

/** The second click of a double click, or one of a fury, changes nothing. */
const FOLD_MS = 500;
/** No hand goes from one thing to the next so fast. */
const TOO_FAST_MS = 50;

/**
 * Judges a click by itself and the one before.
 *
 * @returns Whether it repeats the last one, so that both count once; and facts to record with it, when
 * it does not look like a person's.
 */
export function judgeClick(click: Click, last?: Click): { isFolded: boolean; flags: Props } {
  const since = last ? click.timeStamp - last.timeStamp : 1 / 0;
  const isSame = click.target === last?.target;
  const flags: Props = {};
  if (!click.isTrusted) flags.is_trusted = false;
  // A click on a label comes with one on its control, in the same instant.
  if (click.isTrusted && !isSame && since > 0 && since < TOO_FAST_MS) flags.is_fast = true;
  return { isFolded: isSame && since < FOLD_MS, flags };
}

/** Host and path of an address, without what is personal in either; nothing for `mailto:` and the like. */
const addressOf = ({ protocol, host, pathname }: URL) =>
  protocol.startsWith('http') ? host + redact(pathname) : undefined;

/**
 * Records a `click` named `outbound` for each link that leads to another host. `props.url` is its host and
 * path. Links that are tracked already (`data-track`, `data-track-click`) are left to that.
 *
 * @param hosts - More hosts of your own.
 * @returns A function that stops.
 * @example
 * const stop = outboundLinks(tracker, ['checkout.example.com']);
 */
export function outboundLinks(tracker: Pick<Tracker, 'track'>, hosts: readonly string[] = []): () => void {
  let last: Click | undefined;
  return capture<MouseEvent>('click auxclick', (event) => {
    // The right button opens a menu.
    if (event.button > 1) return;
    // The path reaches into open shadow trees; `target` stops at their host.
    const link = event
      .composedPath()
      .find((node): node is HTMLAnchorElement => (node as Element).localName === 'a');
    if (!link || link.closest('[data-track],[data-track-click]')) return;
    const url = new URL(link.href);
    const address = addressOf(url);
    if (!address || [location.host, ...hosts].includes(url.host)) return;
    const { isFolded, flags } = judgeClick(event, last);
    last = event;
    if (!isFolded) tracker.track('click', { name: 'outbound', props: { url: address, ...flags } });
  });
}

/** What {@link ticketProps} is told beside the link. */
export interface TicketFacts {
  /** Who sells; the link's host when left out. */
  provider?: string;
  priceMin?: number;
  priceMax?: number;
  /** ISO 8601, such as `2026-11-28`. */
  eventDate?: string;
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
