/**
 * Ticket links that say where a buyer came from: our utm and a click id, put on a link as it is followed.
 *
 * The shop hands the click id back with the order, and so the sale finds its click.
 */
import { later } from './later.ts';
import { type Link, urlOf } from './ticket-link.ts';
import { uuidv7 } from './uuid.ts';

/** What ticket links carry to the shop. */
export interface TicketLinkOptions {
  /** `utm_source`: who sends the buyer, such as `my-venue`. */
  source: string;
  /**
   * `utm_medium`.
   * @defaultValue `'ticket_link'`
   */
  medium?: string | undefined;
  /** `utm_campaign`; none when left out. */
  campaign?: string | undefined;
  /**
   * The parameter that carries the click id. A shop that keeps nothing but utm keeps `utm_content`.
   * @defaultValue `'click_id'`
   */
  clickIdParameter?: string | undefined;
}

/**
 * Puts the parameters on a link that is being followed, and takes them off again in a task after it. Gives the click
 * id that the link carries; nothing for a link that was left alone. `known` is an id that the page gave the click.
 */
export type DecorateTicketLink = (link: Link, event: MouseEvent, known?: unknown) => string | undefined;

const UUID = /^[0-9a-f-]{36}$/i;

/** Makes a {@link DecorateTicketLink}. */
export function ticketLinkDecorator({
  source,
  medium = 'ticket_link',
  campaign,
  clickIdParameter = 'click_id',
}: TicketLinkOptions): DecorateTicketLink {
  let last: { link: Link; id: string } | undefined;

  return (link, event, known) => {
    // None where a link in SVG has it by its older name: it is left alone.
    const before = link.getAttribute('href');
    const url = urlOf(link);
    if (!before || !url || !/^https?:$/.test(url.protocol) || url.origin === location.origin) return;
    const hasUtm = /[?&]utm_/.test(url.search);
    const added = new URLSearchParams();
    let id = url.searchParams.get(clickIdParameter);
    // The `utm_content` of somebody's campaign is the same in all its links, and no click.
    if (hasUtm && clickIdParameter.startsWith('utm_')) return id && UUID.test(id) ? id : undefined;
    // A link that names a source already is somebody else's arrangement: halves of two would be wrong.
    if (!hasUtm) {
      added.set('utm_source', source);
      added.set('utm_medium', medium);
      if (campaign) added.set('utm_campaign', campaign);
    }
    if (!id) {
      // The second half of a double click is not recorded again: it is the same click.
      const isTwin = event.detail > 1 && last?.link === link;
      id = isTwin && last ? last.id : typeof known === 'string' && known ? known : uuidv7();
      added.set(clickIdParameter, id);
    }
    last = { link, id };
    if (!String(added)) return id;
    // What stands there stays as it is written: some addresses are signed. Only a place that waits for the id is filled.
    const isSaid = (pair: string) => new URLSearchParams(pair).get(clickIdParameter) !== '';
    const said = url.search.slice(1).split('&').filter(isSaid).join('&');
    url.search = (said && `${said}&`) + added;
    const decorated = url.href;
    link.setAttribute('href', decorated);
    // The browser follows the link before any other task. What the page has set meanwhile is the page's.
    later(() => {
      if (link.getAttribute('href') === decorated) link.setAttribute('href', before);
    });
    return id;
  };
}
