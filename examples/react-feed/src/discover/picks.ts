/** An answer of a recommendation engine. Results are attributed to its `request_id`. */
export interface Pick {
  id: string;
  kind: 'concert' | 'record';
  title: string;
  reason: string;
  confidence: number;
  priority: number;
  expectedRevenue: number;
  /** A concert to open. */
  eventId?: string;
  /** A record to buy. */
  price?: number;
}

const REQUEST_ID = 'req-2027-03-01';

export const PICKS: readonly Pick[] = [
  {
    id: 'low-orbit-live',
    kind: 'concert',
    title: 'Low Orbit at Barton Warehouse',
    reason: 'You like late nights and loud rooms.',
    confidence: 0.82,
    priority: 1,
    expectedRevenue: 9.5,
    eventId: 'low-orbit',
  },
  {
    id: 'frostline-lp',
    kind: 'record',
    title: 'Delia Frost: Frostline, on vinyl',
    reason: 'Fans of folk keep this one.',
    confidence: 0.64,
    priority: 2,
    expectedRevenue: 4.2,
    price: 28,
  },
  {
    id: 'maya-strings',
    kind: 'concert',
    title: 'Maya Lindqvist at the Long Center',
    reason: 'Something quieter for a Saturday.',
    confidence: 0.41,
    priority: 3,
    expectedRevenue: 6.1,
    eventId: 'maya-lindqvist',
  },
];

/** Facts that go with everything recorded about a pick. */
export const pickProps = ({ kind, confidence, priority, expectedRevenue }: Pick) => ({
  kind,
  confidence,
  priority,
  expected_revenue: expectedRevenue,
  request_id: REQUEST_ID,
});
