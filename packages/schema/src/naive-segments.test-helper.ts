/** `user_segments`, said once more in plain TypeScript: what each interaction says of a taste, added up. */
import {
  byPerson,
  type Clock,
  dayNumber,
  isOpening,
  left,
  type Recount,
  seenAt,
  sign,
  sum,
  utc,
} from './people-rows.test-helper.ts';
import type { InteractionRow } from './table.ts';

const POINTS: { [type: string]: number } = {
  ...{ purchase: 10, checkout_start: 8, booking_request: 8, ticket_click: 6, cart_add: 6, review: 6 },
  ...{ attendance: 6, share: 5, waitlist_join: 5, interest: 4, follow: 4, comment: 4, save: 3 },
  ...{ view: 2, like: 2, media_play: 2, click: 1 },
};
const TIERS = ['budget', 'moderate', 'premium', 'luxury'];

/** What kind of fan each person is. Who said nothing of a taste is not told of. */
export function naiveSegments(rows: InteractionRow[], clock: Clock): Recount {
  const segments: Recount = new Map();
  for (const [person, theirs] of byPerson(rows)) {
    const telling = theirs.filter((row) => says(row) && tastesOf(row).length > 0);
    if (telling.length > 0) segments.set(person, segmentsOf(telling, clock));
  }
  return segments;
}

const says = (row: InteractionRow) => row.type in POINTS && (row.type !== 'view' || isOpening(row));

function segmentsOf(rows: InteractionRow[], clock: Clock) {
  const told = rows.flatMap((row) => tastesOf(row).map(([kind, value]) => ({ row, kind, value })));
  const liked = (kind: string) => {
    const points = new Map<string, number>();
    for (const { row, value } of told.filter((taste) => taste.kind === kind)) {
      const weight = sign(row) * (POINTS[row.type] ?? 0) * left(row, clock, 90);
      points.set(value, (points.get(value) ?? 0) + weight);
    }
    const some = [...points].filter(([, weight]) => weight > 0).sort(([, a], [, b]) => b - a);
    const all = sum(some.map(([, weight]) => weight));
    return some.map(([value, weight]) => ({ value, affinity: weight / all }));
  };
  const [week] = liked('week');
  const mostly = week && (week.affinity >= 0.6 ? week.value : 'mixed');
  const purchasesIn = (tier: string) =>
    told.filter(({ kind, value }) => kind === 'spending' && value === tier).length;
  return {
    spending_tier: liked('spending')[0]?.value ?? '',
    transactions: TIERS.map((tier) => ({ tier, purchases: purchasesIn(tier) })).filter(
      ({ purchases }) => purchases > 0,
    ),
    genres: liked('genre').slice(0, 5),
    price_bands: liked('price').slice(0, 5),
    venues: liked('venue').slice(0, 5),
    artists: liked('artist').slice(0, 5),
    week: mostly ?? '',
    planning: liked('lead')[0]?.value ?? '',
    party: liked('party')[0]?.value ?? '',
    last_seen: utc(Math.max(...rows.map(seenAt))),
  };
}

/** All that one interaction says of a taste. */
function tastesOf(row: InteractionRow): [kind: string, value: string][] {
  const price = priceOf(row);
  const said: [kind: string, value: string | undefined][] = [
    ['genre', row.genre],
    ['artist', row.artist_id],
    ['venue', row.venue_id],
    ['price', price === undefined ? undefined : bandOf(price)],
    ['week', row.event_date && (isWeekend(row.event_date) ? 'weekend' : 'weekday')],
    ...(row.type === 'purchase' ? habitsOf(row) : []),
  ];
  return said.filter((taste): taste is [string, string] => Boolean(taste[1]));
}

/** What only a purchase says. */
function habitsOf(row: InteractionRow): [kind: string, value: string | undefined][] {
  const lead = row.event_date ? dayNumber(row.event_date) - dayNumber(row.local_date) : Number.NaN;
  return [
    ['spending', row.site_value === undefined ? undefined : bandOf(Number(row.site_value))],
    // A purchase after the event, as of a recording, is made neither early nor late.
    ['lead', lead > 30 ? 'planner' : lead > 7 ? 'ahead' : lead >= 0 ? 'last_minute' : undefined],
    ['party', (row.quantity ?? 1) >= 2 ? 'group' : 'solo'],
  ];
}

/** The price shown, or what was paid for one piece. */
function priceOf({ type, price_min, site_value, quantity }: InteractionRow): number | undefined {
  if (price_min !== undefined) return Number(price_min);
  return type === 'purchase' && site_value !== undefined ? Number(site_value) / (quantity || 1) : undefined;
}

const bandOf = (amount: number) =>
  amount < 50 ? 'budget' : amount < 150 ? 'moderate' : amount < 500 ? 'premium' : 'luxury';

const isWeekend = (day: string) => [5, 6, 0].includes(new Date(day).getUTCDay());
