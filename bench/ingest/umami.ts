/** Umami, which someone has started beside this bench with a PostgreSQL of its own. */
export interface Umami {
  /** Such as http://127.0.0.1:3000. */
  origin: string;
  /** Id of a website that was added to it. */
  website: string;
}

const PER_BATCH = 20;
const PAUSE_MS = 250;
const AGENT =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1';

/**
 * Posts batches of 20 events to its batch endpoint, each connection as fast as it is answered.
 *
 * @returns Events a second that it says it processed.
 * @throws Error when it takes none of the first batch: nothing could be compared.
 */
export async function eventsASecond(
  umami: Umami,
  { connections, seconds }: { connections: number; seconds: number },
): Promise<number> {
  const first = await post(umami, 0);
  if (first.processed === 0)
    throw new Error(
      `bench ingest: Umami at ${umami.origin} took nothing: ${first.answer.slice(0, 300)}. Is --umami-website the id of a website of it?`,
    );
  const begun = performance.now();
  const ends = begun + seconds * 1_000;
  let processed = 0;
  let batch = 0;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < ends) {
        batch += 1;
        const took = await post(umami, batch);
        processed += took.processed;
        // Refused at once, it would only be asked again at once.
        if (took.processed === 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }),
  );
  return processed / ((performance.now() - begun) / 1_000);
}

async function post(
  { origin, website }: Umami,
  batch: number,
): Promise<{ processed: number; answer: string }> {
  const events = Array.from({ length: PER_BATCH }, (_, place) => ({
    type: 'event',
    payload: {
      website,
      hostname: 'venue.example',
      language: 'en-GB',
      screen: '390x844',
      title: 'Concerts near you',
      url: '/feed?utm_source=newsletter',
      referrer: 'https://www.google.com/',
      name: 'impression',
      data: {
        event_id: `event-${(batch * PER_BATCH + place) % 10_000}`,
        list_id: 'for-you',
        position: place,
      },
    },
  }));
  const response = await fetch(new URL('/api/batch', origin), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'User-Agent': AGENT },
    body: JSON.stringify(events),
  });
  const answer = await response.text();
  const processed = response.ok ? Number((JSON.parse(answer) as { processed?: number }).processed ?? 0) : 0;
  return { processed, answer };
}
