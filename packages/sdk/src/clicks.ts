/**
 * Clicks: one listener for the whole document, in the capture phase, which hears also what the page stops.
 *
 * The nearest tracked element around a click is what was clicked; else a link that leads elsewhere is.
 */
import type { DecorateTicketLink } from './decorate-ticket-link.ts';
import { detailsOf, type ElementTracking, optionsOf } from './element-tracking.ts';
import { addTo } from './groups.ts';
import type { Details } from './interaction.ts';
import { listen } from './listen.ts';
import { addressOf, type Link, ticketProps, urlOf } from './ticket-link.ts';

/** Faster than this after the one before, no hand clicks. */
const TOO_FAST_MS = 40;

/** See {@link createClicks}. */
export interface Clicks {
  add(element: Element, read: () => ElementTracking): () => void;
  stop(): void;
}

/** Records clicks with `track`; links to `ownHosts` do not lead elsewhere. Ticket links are given to `decorate`. */
export function createClicks(
  track: (type: string, details: Details) => void,
  ownHosts: readonly string[],
  decorate: DecorateTicketLink,
): Clicks {
  const clickable = new Map<Element, Set<() => ElementTracking>>();
  let last: { at: number; node?: unknown; text?: string; isTrusted?: boolean } = {
    at: Number.NEGATIVE_INFINITY,
  };

  function record(event: MouseEvent, node: unknown, type: string, details: Details): void {
    const sinceLastMs = event.timeStamp - last.at;
    const text = [type, details.entity, details.name, details.undo].join('|');
    // The second half of a double click that did nothing new (a like and its undo are not the same), the click that
    // the browser makes on the control of a label, at the very same moment, or the one that a card hands on to its link.
    // Each click of a "+" puts one more into a cart.
    const isSecond = event.detail > 1 && !text.startsWith('cart');
    const isTrusted = event.isTrusted;
    const isTooFast = sinceLastMs < TOO_FAST_MS;
    const isEcho = isTrusted ? !sinceLastMs : last.isTrusted && isTooFast;
    const isRepeated = (isSecond || isEcho) && node === last.node && text === last.text;
    last = { node, text, at: event.timeStamp, isTrusted };
    if (isRepeated) return;
    // Scripts click too. Whoever reads the numbers decides what such clicks are worth.
    const is_untrusted = !isTrusted || undefined;
    const is_too_fast = isTooFast || undefined;
    track(type, { ...details, props: { ...details.props, is_untrusted, is_too_fast } });
  }

  function clicked(event: MouseEvent): void {
    // `auxclick` is also the right button, which opens a menu.
    if (event.button > 1) return;
    // The path reaches into open shadow trees; `target` stops at their host.
    const path = event.composedPath();
    const link = path.find((node) => (node as Element).matches?.('a,area')) as Link | undefined;
    const url = link && urlOf(link);
    for (const node of path) {
      let isFound = false;
      for (const read of clickable.get(node as Element) ?? []) {
        const tracking = read();
        const { click } = tracking;
        if (!click) continue;
        isFound = true;
        const { type = 'click', name, undo } = optionsOf(click);
        const details = { ...detailsOf(tracking), name, undo };
        if (type === 'ticket_click') {
          const { event_date: date } = details.props ?? {};
          const facts = ticketProps(url ?? '', { eventDate: date ? String(date) : undefined });
          const click_id = link && decorate(link, event, details.props?.click_id);
          // What the link carries is what the shop hands back.
          details.props = { ...facts, ...details.props, ...(click_id && { click_id }) };
        }
        record(event, node, type, details);
      }
      if (isFound) return;
    }
    const address = url && addressOf(url);
    if (address && ![location.host, ...ownHosts].includes(url.host)) {
      record(event, link, 'click', { name: 'outbound', props: { url: address } });
    }
  }

  return {
    add: (element, read) => addTo(clickable, element, read),
    stop: listen('click auxclick', clicked),
  };
}
