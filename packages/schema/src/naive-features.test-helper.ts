/** `purchase_features`, said once more in plain TypeScript: each feature counted from the rows that it is about. */
import { byPerson, dayNumber, isOpening, type Recount, sign, sum } from './people-rows.test-helper.ts';
import type { InteractionRow } from './table.ts';

/** The features in the order in which the view has them, `x`: see its comment. */
export const FEATURES = [
  ...['interactions_7', 'interactions_30', 'active_days_30', 'events_clicked_30', 'events_viewed_30'],
  ...['interested_30', 'ticket_clicks_7', 'ticket_clicks_30', 'searches_30', 'days_away'],
  ...['purchases_90', 'has_purchased'],
];

/** What was known of each person before a day. Who did nothing in the 90 days before is not told of. */
export function naiveFeatures(rows: InteractionRow[], asOf: string): Recount {
  const age = (row: InteractionRow) => dayNumber(asOf) - dayNumber(row.local_date);
  const known = byPerson(rows.filter((row) => age(row) > 0));
  const features: Recount = new Map();
  for (const [person, theirs] of known) {
    const away = Math.min(...theirs.map(age));
    if (away <= 90) features.set(person, featuresOf(theirs, age, away));
  }
  return features;
}

function featuresOf(rows: InteractionRow[], age: (row: InteractionRow) => number, away: number) {
  const within = (days: number, is: (row: InteractionRow) => boolean = () => true) =>
    rows.filter((row) => age(row) <= days && is(row));
  const a = (type: InteractionRow['type']) => (row: InteractionRow) => row.type === type;
  const ofEvents = (type: InteractionRow['type']) => (row: InteractionRow) =>
    row.type === type && row.entity_type === 'event';
  const interest = sum(within(30, ofEvents('interest')).map(sign));
  return {
    interactions_7: Math.log1p(within(7).length),
    interactions_30: Math.log1p(within(30).length),
    active_days_30: new Set(within(30).map(({ local_date }) => local_date)).size,
    events_clicked_30: Math.log1p(within(30, ofEvents('click')).length),
    events_viewed_30: Math.log1p(within(30, ofEvents('view')).filter(isOpening).length),
    interested_30: Math.log1p(Math.max(0, interest)),
    ticket_clicks_7: Math.log1p(within(7, a('ticket_click')).length),
    ticket_clicks_30: Math.log1p(within(30, a('ticket_click')).length),
    searches_30: Math.log1p(within(30, a('search')).length),
    days_away: Math.log1p(away),
    purchases_90: Math.log1p(within(90, a('purchase')).length),
    has_purchased: rows.some(a('purchase')) ? 1 : 0,
  };
}
