/**
 * What each built-in type of interaction ought to say in `props`, so that the editor completes the names.
 *
 * Nothing here is required and anything else may be said too: what must be there is the collector's
 * question, by the site's catalogue. Names are column words: they travel as they are.
 */
import type { InteractionType } from '@turnout/schema/wire';

/** Who plays, where and when, for how much. Some of it becomes columns of the table. */
interface EventProps {
  artist_id?: string;
  artist_name?: string;
  venue_id?: string;
  venue_name?: string;
  venue_city?: string;
  venue_state?: string;
  genre?: string;
  /** ISO 8601, such as `2026-11-28`. */
  event_date?: string;
  price_min?: number;
  price_max?: number;
  /** As it is shown, such as `$25–60`. */
  price_range?: string;
}

/** How something came to be in a feed. */
interface FeedProps {
  feed_tab?: 'events' | 'reviews' | 'news' | (string & {});
  feed_type?: 'personalized' | 'following' | (string & {});
  distance_miles?: number;
  relevance_score?: number;
}

/** Something about a review. */
interface ReviewedProps {
  /** Stars. */
  rating?: number;
  has_photos?: boolean;
  review_age_days?: number;
}

/** Where an ad, an offer or a recommendation stood, and why. */
interface PlacedProps {
  /** `sidebar`, `checkout`, `post_purchase`, `in_event` … */
  placement?: string;
  /** What sort of recommendation. */
  kind?: string;
  /** 0 to 1. */
  confidence?: number;
  priority?: number;
  expected_revenue?: number;
  /** Of the answer that it came with: results are attributed to it. */
  request_id?: string;
  inventory_left?: number;
}

/** Someone waiting for a place. */
interface WaitlistProps {
  tier?: string;
  /** Place in the queue. */
  queue_position?: number;
  wait_minutes?: number;
}

/** An amount that was paid, or may be. Amount, currency, quantity and order have fields of their own. */
interface PaidProps extends EventProps, PlacedProps {
  tier?: string;
}

/** What was seen or touched: an event, a review, an ad, an offer. */
interface SeenProps extends EventProps, FeedProps, ReviewedProps, PlacedProps {
  /** The view that somebody came from. */
  from_view?: string;
  event_id?: string;
}

/** Props of the built-in types, by type. */
export interface BuiltInProps extends Record<InteractionType, object> {
  impression: SeenProps & { scroll_depth?: number; viewport_percentage?: number };
  served: PlacedProps;
  click: SeenProps & {
    /** Of a button that loads more. */
    active_tab?: string;
    current_items?: number;
    offset?: number;
    /** Where a link leads. */
    url?: string;
  };
  view: SeenProps & {
    has_ticket_urls?: boolean;
    has_setlist?: boolean;
    scrolled_to_bottom?: boolean;
    interacted?: boolean;
    viewed_setlist?: boolean;
    viewed_reviews?: boolean;
  };
  search: {
    search_type?: 'artists' | 'events' | 'all' | (string & {});
    query_length?: number;
    from_view?: string;
    result_count?: number;
    artist_count?: number;
    event_count?: number;
    result_ids?: readonly string[] | undefined;
    load_time_ms?: number;
    has_results?: boolean;
    filters_applied?: unknown;
  };
  scroll: { max_scroll_percent?: number; active_tab?: string; marks?: readonly number[] };
  interest: SeenProps;
  like: SeenProps & { review_rating?: number; had_photos?: boolean };
  save: SeenProps;
  follow: SeenProps;
  share: SeenProps & {
    /** `link`, `messages`, `in_app` … */
    platform?: string;
    recipient_count?: number;
    has_message?: boolean;
  };
  comment: { comment_length?: number; privacy?: string };
  review: ReviewedProps & {
    review_length?: number;
    photo_count?: number;
    has_setlist?: boolean;
    mood_tags?: readonly string[];
    privacy?: string;
    time_to_complete_seconds?: number;
  };
  /** Never the text. */
  message: { message_length?: number; has_event_share?: boolean; event_id?: string };
  media_play: {
    media?: 'audio' | 'video' | (string & {});
    quartile?: number;
    is_muted?: boolean;
    length_seconds?: number | undefined;
  };
  swipe: SeenProps & { direction?: 'left' | 'right' | 'up' | 'down' };
  form_submit: { form?: string; field_count?: number; time_to_complete_seconds?: number };
  dismiss: SeenProps & { reason?: string };
  ticket_click: EventProps & {
    ticket_url?: string;
    ticket_provider?: string;
    days_until_event?: number;
    user_interested?: boolean;
  };
  cart_add: PaidProps;
  cart_remove: PaidProps;
  checkout_start: PaidProps;
  purchase: PaidProps & { ticket_provider?: string };
  refund: PaidProps & { reason?: string };
  booking_request: PaidProps;
  subscribe: PaidProps;
  tip: PaidProps;
  agreement_sign: PaidProps;
  exposure: {
    /** The share of people that the variant is meant to get, 0 to 1, of those who take part. */
    variant_share?: number | undefined;
  };
  funnel_step: {
    funnel?: string;
    funnel_id?: string;
    step?: string;
    step_index?: number;
    previous_step?: string;
    ms_from_start?: number;
    ms_from_previous?: number;
  };
  waitlist_join: WaitlistProps;
  waitlist_offer: WaitlistProps;
  waitlist_accept: WaitlistProps;
  waitlist_decline: WaitlistProps & { reason?: string };
  waitlist_expire: WaitlistProps;
  waitlist_leave: WaitlistProps & { reason?: string };
  attendance: EventProps & { direction?: 'entry' | 'exit' };
  web_vital: { metric?: string; value?: number; rating?: string; id?: string; navigation_type?: string };
}
