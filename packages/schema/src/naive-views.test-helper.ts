/** The daily views, said once more in plain TypeScript: loops over rows, and nothing that the engine knows. */
import type { InteractionRow } from './table.ts';

/** Rows of a view by their key, such as `site-1 2026-10-25 e1`. */
export type Figures = Map<string, { [column: string]: number | string | null }>;

/** What each view says of some rows. The columns that follow from others by division are told too. */
export function naiveViews(all: InteractionRow[]): { [view: string]: Figures } {
  const rows = all.filter((row) => row.is_bot === 0 && row.env === 'production');
  const about = (kind: string, id: (row: InteractionRow) => string | undefined = (row) => row.entity_id) =>
    groupBy(
      rows.filter((row) => row.entity_type === kind && id(row)),
      (row) => `${row.site_id} ${row.local_date} ${id(row)}`,
    );
  const events = about('event');
  const ads = about('ad');
  return {
    event_daily: mapOf(events, eventOf),
    artist_daily: withFollowers(
      both(
        about('artist'),
        about('event', (row) => row.artist_id),
      ),
      (direct, via) => ({
        profile_views: views(direct),
        new_followers: net(direct, 'follow'),
        active_events: distinct(via, (row) => row.entity_id),
        event_impressions: count(via, 'impression'),
        event_clicks: count(via, 'click'),
        reviews_received: count([...direct, ...via], 'review'),
        avg_rating: rating([...direct, ...via]),
        total_engagement: engagement([...direct, ...via]),
      }),
    ),
    venue_daily: withFollowers(
      both(
        about('venue'),
        about('event', (row) => row.venue_id),
      ),
      (direct, via) => ({
        profile_views: views(direct),
        new_followers: net(direct, 'follow'),
        events_hosted: distinct(
          via.filter((row) => row.type === 'attendance' || row.event_date === row.local_date),
          (row) => row.entity_id,
        ),
        event_impressions: count(via, 'impression'),
        event_attendance: people(via, ['attendance']),
        event_clicks: count(via, 'click'),
        reviews_received: count([...direct, ...via], 'review'),
        avg_venue_rating: rating([...direct, ...via]),
      }),
    ),
    ad_daily: mapOf(ads, (ad) => {
      const viewable = count(ad, 'impression');
      const impressions = count(ad, 'served') || viewable;
      return {
        impressions,
        viewable_impressions: viewable,
        clicks: count(ad, 'click'),
        ctr: share(count(ad, 'click'), impressions),
        viewable_ctr: share(count(ad, 'click'), viewable),
        unique_users: distinct(ad, (row) => row.user_key),
        ...videoOf(ad),
      };
    }),
    offer_daily: mapOf(about('offer'), (offer) => {
      const purchases = count(offer, 'purchase');
      const seen = views(offer) || count(offer, 'impression');
      return {
        views: views(offer),
        clicks: count(offer, 'click'),
        cart_adds: count(offer, 'cart_add'),
        purchases,
        revenue: gross(offer) - refunded(offer),
        conversion_rate: share(purchases, seen),
        orders: orders(offer),
        average_order: share(gross(offer), orders(offer)),
      };
    }),
    recommendation_daily: mapOf(about('recommendation'), (rec) => ({
      shown: count(rec, 'impression'),
      clicked: count(rec, 'click'),
      converted: count(rec, 'purchase'),
      dismissed: count(rec, 'dismiss'),
      revenue: gross(rec) - refunded(rec),
    })),
    user_daily: userDaily(rows),
    waitlist_daily: waitlists(rows),
    search_daily: searches(rows),
    funnel_daily: funnels(rows),
    site_daily: siteDaily(rows),
  };
}

function eventOf(event: InteractionRow[]) {
  return {
    impressions: count(event, 'impression'),
    unique_viewers: people(event, ['view', 'click']),
    unique_reach: people(event, ['impression']),
    clicks: count(event, 'click'),
    click_through_rate: share(count(event, 'click'), count(event, 'impression')),
    views: views(event),
    view_seconds: total(event, (row) => (row.type === 'view' ? (row.duration_ms ?? 0) : 0)) / 1_000,
    interested_count: net(event, 'interest'),
    saves_count: net(event, 'save'),
    review_count: count(event, 'review'),
    avg_rating: rating(event),
    likes_count: net(event, 'like'),
    comments_count: count(event, 'comment'),
    shares_count: count(event, 'share'),
    ticket_link_clicks: count(event, 'ticket_click'),
    purchases: count(event, 'purchase'),
    ticket_conversion_rate: share(count(event, 'purchase'), count(event, 'ticket_click')),
    tickets_sold: total(event, (row) => (row.type === 'purchase' ? (row.quantity ?? 1) : 0)),
    refunds: count(event, 'refund'),
    revenue: gross(event) - refunded(event),
    gross_revenue: gross(event),
  };
}

function videoOf(ad: InteractionRow[]) {
  const plays = ad.filter((row) => row.type === 'media_play' && row.props?.media !== 'audio');
  const at = (percent: number) =>
    plays.filter((row) => (row.props?.quartile ?? (row.part ?? 0) * 25) === percent).length;
  return {
    video_starts: at(0),
    video_25: at(25),
    video_50: at(50),
    video_75: at(75),
    video_completions: at(100),
    video_completion_rate: share(at(100), at(0)),
    video_seconds: total(plays, (row) => row.duration_ms ?? 0) / 1_000,
  };
}

function userDaily(rows: InteractionRow[]): Figures {
  const figures = mapOf(
    groupBy(rows, (row) => `${row.site_id} ${row.local_date} ${row.user_key}`),
    (own) => {
      const on = (kind: string) => own.filter((row) => row.entity_type === kind);
      return {
        events_viewed: views(on('event')),
        events_clicked: count(on('event'), 'click'),
        events_interested: net(on('event'), 'interest'),
        ticket_links_clicked: count(own, 'ticket_click'),
        reviews_written: count(own, 'review'),
        reviews_liked: net(on('review'), 'like'),
        reviews_commented: count(on('review'), 'comment'),
        friends_added: count(own, 'friend_add'),
        messages_sent: count(own, 'message'),
        shares_sent: count(own, 'share'),
        searches_performed: count(own, 'search'),
        purchases: count(own, 'purchase'),
        revenue: gross(own) - refunded(own),
        sessions_count: 0,
        total_time_seconds: 0,
      };
    },
  );
  for (const { first, seconds } of sessionsOf(rows)) {
    const day = figures.get(`${first.site_id} ${first.local_date} ${first.user_key}`);
    if (!day) throw new Error('a session begins with an interaction');
    day.sessions_count = Number(day.sessions_count) + 1;
    day.total_time_seconds = Number(day.total_time_seconds) + seconds;
  }
  return figures;
}

function sessionsOf(rows: InteractionRow[]) {
  const inSession = rows.filter((row) => row.session_id !== '');
  return [...groupBy(inSession, (row) => `${row.site_id} ${row.session_id}`).values()].map((session) => {
    const sorted = session.sort(
      (a, b) => a.ts.localeCompare(b.ts) || Number(a.user_key) - Number(b.user_key),
    );
    const first = sorted[0] as InteractionRow;
    const pages = count(session, 'page_view') + views(session);
    return { first, pages, seconds: (time(sorted.at(-1) as InteractionRow) - time(first)) / 1_000 };
  });
}

function waitlists(rows: InteractionRow[]): Figures {
  const onList = rows.filter((row) => row.type.startsWith('waitlist_'));
  const figures = mapOf(
    groupBy(onList, (row) => `${row.site_id} ${row.local_date} ${row.entity_type}/${row.entity_id}`),
    (list) => ({
      joins: count(list, 'waitlist_join'),
      offers: count(list, 'waitlist_offer'),
      accepted: count(list, 'waitlist_accept'),
      acceptance_rate: share(count(list, 'waitlist_accept'), count(list, 'waitlist_offer')),
      waits_ended: 0,
      average_wait_minutes: null as number | null,
    }),
  );
  for (const own of groupBy(
    onList,
    (row) => `${row.site_id} ${row.entity_type} ${row.entity_id} ${row.user_key}`,
  ).values()) {
    const earliest = (types: string[]) =>
      own.filter((row) => types.includes(row.type)).sort((a, b) => a.ts.localeCompare(b.ts))[0];
    const joined = earliest(['waitlist_join']);
    const place = earliest(['waitlist_offer', 'waitlist_accept']);
    if (!joined || !place || place.ts < joined.ts) continue;
    const day = figures.get(
      `${place.site_id} ${place.local_date} ${place.entity_type}/${place.entity_id}`,
    ) as {
      waits_ended: number;
      average_wait_minutes: number | null;
    };
    const before = (day.average_wait_minutes ?? 0) * day.waits_ended;
    day.waits_ended += 1;
    day.average_wait_minutes = (before + (time(place) - time(joined)) / 60_000) / day.waits_ended;
  }
  return figures;
}

function searches(rows: InteractionRow[]): Figures {
  const related = rows.filter((row) => row.type === 'search' || (row.type === 'click' && row.search_id));
  const found = [...groupBy(related, (row) => `${row.site_id} ${row.search_id ?? row.id}`).values()].filter(
    (search) => count(search, 'search') > 0,
  );
  const dayAndWords = (search: InteractionRow[]) => {
    const day = search.map((row) => row.local_date).sort()[0];
    const words = search.map((row) => (row.type === 'search' ? (row.query ?? '') : '')).sort();
    return `${search[0]?.site_id} ${day} ${words.at(-1)?.trim().toLowerCase()}`;
  };
  return mapOf(groupBy(found, dayAndWords), (group: InteractionRow[][]) => {
    const results = group.map((search) => largest(search.map((row) => resultCount(row))));
    const known = results.filter((result) => result !== null);
    const clicks = group.flat().filter((row) => row.type === 'click');
    const ranked = clicks.filter((row) => row.position !== undefined);
    return {
      searches: group.length,
      people: people(group.flat(), ['search']),
      zero_results: known.filter((result) => result === 0).length,
      zero_result_rate: share(known.filter((result) => result === 0).length, known.length),
      clicks: clicks.length,
      searches_with_click: group.filter((search) => count(search, 'click') > 0).length,
      average_click_rank:
        ranked.length === 0 ? null : total(ranked, (row) => (row.position ?? 0) + 1) / ranked.length,
    };
  });
}

const resultCount = (row: InteractionRow) =>
  row.type === 'search' && typeof row.props?.result_count === 'number' ? row.props.result_count : null;
const largest = (values: (number | null)[]) =>
  values.reduce((best, value) => (value !== null && (best === null || value > best) ? value : best), null);

const STEPS = ['impression', 'click', 'view', 'interest', 'ticket_click', 'purchase'];

function funnels(rows: InteractionRow[]): Figures {
  const figures: Figures = new Map();
  const steps = rows.filter(
    (row) =>
      row.entity_type === 'event' &&
      row.entity_id &&
      row.undo !== 1 &&
      STEPS.includes(row.type) &&
      !(row.type === 'view' && (row.part ?? 0) > 0),
  );
  const furthest = new Map<string, number>();
  const reach = (key: string, level: number) => {
    if (level === 0) return;
    const row = figures.get(key) ?? Object.fromEntries(FUNNEL_COLUMNS.map((column) => [column, 0]));
    for (const column of FUNNEL_COLUMNS.slice(0, level)) row[column] = Number(row[column]) + 1;
    figures.set(key, row);
  };
  for (const [key, own] of groupBy(
    steps,
    (row) => `${row.site_id} ${row.local_date} ${row.entity_id} ${row.user_key}`,
  )) {
    let level = 0;
    own.sort((a, b) => a.ts.localeCompare(b.ts) || STEPS.indexOf(a.type) - STEPS.indexOf(b.type));
    for (const row of own) if (row.type === STEPS[level]) level += 1;
    const [site, date, event, user] = key.split(' ');
    reach(`${site} ${date} ${event}`, level);
    const person = `${site} ${date} ${user}`;
    furthest.set(person, Math.max(furthest.get(person) ?? 0, level));
  }
  for (const [person, level] of furthest) {
    const [site, date] = person.split(' ');
    reach(`${site} ${date} `, level);
  }
  return figures;
}

const FUNNEL_COLUMNS = ['impressions', 'clicks', 'views', 'interested', 'ticket_clicks', 'purchases'];

function siteDaily(rows: InteractionRow[]): Figures {
  const figures: Figures = new Map();
  const sessions = groupBy(sessionsOf(rows), ({ first }) => `${first.site_id} ${first.local_date}`);
  for (const [site, own] of groupBy(rows, (row) => row.site_id)) {
    const days = [...groupBy(own, (row) => row.local_date)].sort(([a], [b]) => a.localeCompare(b));
    const ever = new Set<string>();
    let revenue = 0;
    for (const [date, today] of days) {
      const active = new Set(today.filter(isOwn).map((row) => row.user_key));
      const fresh = [...active].filter((user) => !ever.has(user)).length;
      for (const user of active) ever.add(user);
      revenue += gross(today) - refunded(today);
      const begun = sessions.get(`${site} ${date}`) ?? [];
      figures.set(`${site} ${date}`, {
        active_people: active.size,
        // No history is longer than a week.
        active_people_7: ever.size,
        active_people_30: ever.size,
        new_people: fresh,
        return_rate: share(active.size - fresh, active.size),
        sessions: begun.length,
        avg_session_seconds: share(
          total(begun, ({ seconds }) => seconds),
          begun.length,
        ),
        pages_per_session: share(
          total(begun, ({ pages }) => pages),
          begun.length,
        ),
        orders: orders(today),
        average_order: share(gross(today), orders(today)),
        revenue_per_user: share(gross(today) - refunded(today), active.size),
        revenue: gross(today) - refunded(today),
        lifetime_value: share(revenue, ever.size),
      });
    }
  }
  return figures;
}

/** What others did to a person is no sign that the person came. */
const isOwn = (row: InteractionRow) => !['refund', 'waitlist_offer', 'waitlist_expire'].includes(row.type);

/* The few things that all of them are made of. */

function groupBy<Item>(items: Item[], key: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const name = key(item);
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  return groups;
}

function mapOf<Item>(
  groups: Map<string, Item[]>,
  figures: (items: Item[]) => { [column: string]: number | string | null },
): Figures {
  return new Map([...groups].map(([key, items]) => [key, figures(items)]));
}

type TwoSides = Map<string, { direct: InteractionRow[]; via: InteractionRow[] }>;

function both(direct: Map<string, InteractionRow[]>, via: Map<string, InteractionRow[]>): TwoSides {
  const keys = new Set([...direct.keys(), ...via.keys()]);
  return new Map([...keys].map((key) => [key, { direct: direct.get(key) ?? [], via: via.get(key) ?? [] }]));
}

function withFollowers(
  days: TwoSides,
  figures: (
    direct: InteractionRow[],
    via: InteractionRow[],
  ) => { new_followers: number; [column: string]: number | null },
): Figures {
  const followers = new Map<string, number>();
  return new Map(
    [...days]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([key, { direct, via }]) => {
        const row = figures(direct, via);
        const [site, , id] = key.split(' ');
        const sum = (followers.get(`${site} ${id}`) ?? 0) + row.new_followers;
        followers.set(`${site} ${id}`, sum);
        return [key, { ...row, total_followers: sum }];
      }),
  );
}

const count = (rows: InteractionRow[], type: string) => rows.filter((row) => row.type === type).length;
const views = (rows: InteractionRow[]) =>
  rows.filter((row) => row.type === 'view' && (row.part ?? 0) === 0).length;
const total = <Item>(items: Item[], value: (item: Item) => number) =>
  items.reduce((sum, item) => sum + value(item), 0);
const net = (rows: InteractionRow[], type: string) =>
  total(rows, (row) => (row.type !== type ? 0 : row.undo === 1 ? -1 : 1));
const distinct = (rows: InteractionRow[], what: (row: InteractionRow) => string | undefined) =>
  new Set(rows.map(what)).size;
const people = (rows: InteractionRow[], types: string[]) =>
  distinct(
    rows.filter((row) => types.includes(row.type)),
    (row) => row.user_key,
  );
const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
const money = (rows: InteractionRow[], type: string) =>
  total(rows, (row) => (row.type === type ? Math.round(Number(row.site_value ?? 0) * 10_000) : 0)) / 10_000;
const gross = (rows: InteractionRow[]) => money(rows, 'purchase');
const refunded = (rows: InteractionRow[]) => money(rows, 'refund');
/** Those that the money is of. */
const orders = (rows: InteractionRow[]) =>
  distinct(
    rows.filter((row) => row.type === 'purchase' && row.site_value !== undefined),
    (row) => row.order_id || row.id,
  );
const engagement = (rows: InteractionRow[]) =>
  net(rows, 'like') + count(rows, 'comment') + count(rows, 'share');
const time = (row: InteractionRow) => Date.parse(`${row.ts.replace(' ', 'T')}Z`);

function rating(rows: InteractionRow[]): number | null {
  const given = rows.filter((row) => row.type === 'review' && row.rating !== undefined);
  return given.length === 0 ? null : total(given, (row) => Number(row.rating)) / given.length;
}
