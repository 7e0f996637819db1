import { createRandom } from './random.ts';

/** One made-up concert. */
export interface SeedEvent {
  id: string;
  artistId: string;
  artistName: string;
  venueId: string;
  venueName: string;
  genre: string;
  /** `YYYY-MM-DD` */
  date: string;
  priceMin: number;
  priceMax: number;
  /** How much it draws: 1 is the best seller. */
  rank: number;
}

const ADJECTIVES = [
  'Velvet',
  'Paper',
  'Northern',
  'Electric',
  'Quiet',
  'Golden',
  'Hollow',
  'Neon',
  'Midnight',
  'Coastal',
];
const NOUNS = [
  'Lanterns',
  'Harbour',
  'Wolves',
  'Parade',
  'Satellites',
  'Orchard',
  'Tides',
  'Foxes',
  'Avenue',
  'Choir',
];
const GENRES = ['indie', 'jazz', 'techno', 'folk', 'hip-hop', 'metal'];
const VENUES = ['Paradiso Hall', 'The Old Granary', 'Harbour Stage', 'Blue Room', 'Union Chapel'];
const DAY_MS = 86_400_000;

const slug = (name: string) => name.toLowerCase().replaceAll(' ', '-');

/** A season of made-up concerts; the same each time for the same number and day. */
export function createProgram(events: number, today: number): SeedEvent[] {
  const random = createRandom('program');
  return Array.from({ length: events }, (_, index) => {
    const artistName = `${random.pick(ADJECTIVES)} ${random.pick(NOUNS)}`;
    const venueName = random.pick(VENUES);
    const priceMin = random.pick([18, 25, 35, 49, 79, 120]);
    return {
      id: `evt-${index + 1}`,
      artistId: slug(artistName),
      artistName,
      venueId: slug(venueName),
      venueName,
      genre: random.pick(GENRES),
      date: new Date(today + random.int(-10, 90) * DAY_MS).toISOString().slice(0, 10),
      priceMin,
      priceMax: priceMin * random.pick([1, 1.5, 2, 4]),
      rank: index + 1,
    };
  });
}
