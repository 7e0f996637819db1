/** What fans wrote. Their own reviews join until the page is left. */
export interface Review {
  id: string;
  eventId: string;
  author: string;
  rating: number;
  date: string;
  text: string;
  photos?: number;
}

export const REVIEWS: readonly Review[] = [
  {
    id: 'r-1',
    eventId: 'paper-moons',
    author: 'Ines',
    rating: 5,
    date: '2026-10-02',
    text: 'Two encores, and nobody left before the last chord.',
    photos: 3,
  },
  {
    id: 'r-2',
    eventId: 'delia-frost',
    author: 'Tomasz',
    rating: 4,
    date: '2026-09-18',
    text: 'Quiet enough to hear the room breathe. Bring a coat.',
  },
  {
    id: 'r-3',
    eventId: 'night-market',
    author: 'Priya',
    rating: 5,
    date: '2026-08-30',
    text: 'Still dancing at four. The warehouse sounds better than it looks.',
  },
  {
    id: 'r-4',
    eventId: 'augustine-five',
    author: 'Marcus',
    rating: 3,
    date: '2026-07-11',
    text: 'A fine quintet, a short set.',
  },
];

/** Facts that go with everything recorded about a review. */
export const reviewProps = ({ rating, date, photos = 0 }: Review) => ({
  rating,
  has_photos: photos > 0,
  review_age_days: Math.max(0, Math.floor((Date.now() - Date.parse(date)) / 86_400_000)),
});

export const stars = (rating: number) => '★'.repeat(rating) + '☆'.repeat(5 - rating);
