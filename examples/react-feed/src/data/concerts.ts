/**
 * What there is to see, and how it is described to the tracker: the same words wherever it shows up.
 */
import rows from './concerts.json' with { type: 'json' };

export type Concert = (typeof rows)[number];
export const CONCERTS: readonly Concert[] = rows;

/** Tickets of these are sold in the app itself. */
export const OWN_PROVIDER = 'encore';

export const CITY = { venue_city: 'Austin', venue_state: 'TX' };

export const entityOf = ({ id }: Concert) => `event:${id}` as const;

/** Facts that go with everything recorded about a concert. */
export const propsOf = (concert: Concert) => ({
  artist_id: idOf(concert.artist),
  artist_name: concert.artist,
  venue_id: idOf(concert.venue),
  venue_name: concert.venue,
  genre: concert.genre,
  event_date: concert.date,
  price_min: concert.priceMin,
  price_max: concert.priceMax,
  price_range: `${concert.priceMin}-${concert.priceMax}`,
  distance_miles: concert.miles,
  relevance_score: relevanceOf(concert),
});

/** How well it fits: near and cheap is good enough for an example. */
const relevanceOf = ({ miles, priceMin }: Concert) => Math.round(100 - miles * 6 - priceMin / 2) / 100;

/** The concerts in which every word of a query occurs. */
export function search(query: string): readonly Concert[] {
  const words = query.toLowerCase().split(/\s+/);
  return CONCERTS.filter(({ artist, title, venue, genre }) => {
    const text = `${artist} ${title} ${venue} ${genre}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

export const GENRES = [...new Set(CONCERTS.map(({ genre }) => genre))].sort();

export const dayOf = ({ date }: Concert) =>
  new Date(`${date}T12:00`).toLocaleDateString('en', { weekday: 'short', month: 'short', day: 'numeric' });

export const money = (amount: number) =>
  amount.toLocaleString('en', { style: 'currency', currency: 'USD', maximumFractionDigits: 0 });

export const idOf = (name: string) =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^the-/, '');
