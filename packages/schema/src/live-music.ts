import type { Catalog } from './catalog.ts';
import type { InteractionType } from './wire.ts';

/**
 * The built-in half of every catalogue: what a live-music site records, and what it must carry.
 *
 * A type without `entity` may be about anything or nothing; a kind of the site's own is welcome with all.
 */
export const liveMusic = {
  page_view: { description: 'A page was opened, or a single-page app moved to another address.' },
  served: { description: 'An ad was rendered, whether or not anyone saw it.', entity: ['ad'] },
  impression: {
    description: 'At least half of it was in view for one continuous second.',
    requires: { event: ['surface', 'position', 'feed_type'] },
  },
  click: {
    description: 'It was clicked or tapped; with search_id, it was chosen from results.',
    requires: { event: ['surface', 'position', 'artist_name', 'venue_name'] },
  },
  view: { description: 'A detail, dialog or player was open; its parts carry visible time.' },
  search: {
    description: 'A search was made and its results came.',
    requires: { any: ['query', 'search_type', 'result_count'] },
  },
  scroll: { description: 'How far a list or page was scrolled, once, when leaving.' },
  interest: {
    description: 'Someone marked an event as interesting.',
    entity: ['event', 'artist', 'venue', 'offer'],
  },
  like: { description: 'Someone liked it.' },
  save: { description: 'Someone kept it for later.' },
  follow: {
    description: 'Someone follows an artist, a venue or a person.',
    entity: ['artist', 'venue', 'user', 'event'],
  },
  friend_add: { description: 'Someone added a friend.', entity: ['user'] },
  share: { description: 'Someone shared it.' },
  comment: {
    description: 'Someone commented on it.',
    entity: ['event', 'artist', 'venue', 'review', 'user'],
  },
  review: { description: 'A review was written.', entity: ['event', 'artist', 'venue'] },
  message: { description: 'A message was sent; never its text.', entity: ['user'] },
  media_play: { description: 'Audio or video was played.' },
  swipe: { description: 'A card was swiped.' },
  form_submit: { description: 'A form was sent.' },
  dismiss: { description: 'A suggestion was waved away.' },
  ticket_click: {
    description: 'A link to buy tickets was followed, recorded before the page leaves.',
    entity: ['event', 'ticket_link', 'artist', 'venue', 'offer'],
    requires: { any: ['ticket_url', 'ticket_provider', 'price_range'] },
  },
  cart_add: { description: 'Something went into the cart.' },
  cart_remove: { description: 'Something left the cart.' },
  checkout_start: { description: 'A checkout began.' },
  purchase: { description: 'Money was paid; lines of one order share order_id.' },
  refund: { description: 'Money was given back; value is the positive amount.' },
  booking_request: {
    description: 'An artist or a venue was asked for a booking.',
    entity: ['artist', 'venue', 'event'],
  },
  subscribe: { description: 'A subscription began.' },
  tip: { description: 'A tip was given.' },
  agreement_sign: { description: 'An agreement was signed.' },
  exposure: { description: 'A variant of an experiment was seen.' },
  funnel_step: { description: 'A step of a funnel was reached.' },
  waitlist_join: { description: 'Someone joined a waiting list.', entity: ['event', 'session', 'offer'] },
  waitlist_offer: {
    description: 'Someone waiting was offered a place.',
    entity: ['event', 'session', 'offer'],
  },
  waitlist_accept: { description: 'The offered place was taken.', entity: ['event', 'session', 'offer'] },
  waitlist_decline: { description: 'The offered place was declined.', entity: ['event', 'session', 'offer'] },
  waitlist_expire: { description: 'The offer ran out.', entity: ['event', 'session', 'offer'] },
  waitlist_leave: { description: 'Someone left a waiting list.', entity: ['event', 'session', 'offer'] },
  attendance: {
    description: 'Someone entered or left the venue of an event.',
    entity: ['event', 'session', 'venue'],
  },
  identify: { description: 'A visitor signed in and became a known person.' },
  web_vital: { description: 'How fast and stable the page was, measured by the browser.' },
  custom: { description: 'Something of your own, by its name.' },
} as const satisfies Catalog & Record<InteractionType, unknown>;
