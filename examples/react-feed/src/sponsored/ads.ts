/** What is advertised in the feed, in turn. */
export interface Ad {
  id: string;
  name: string;
  text: string;
  hue: number;
}

const ADS: readonly Ad[] = [
  { id: 'lone-star-amps', name: 'Lone Star Amps', text: 'Tubes, tolex and a ten-year warranty.', hue: 262 },
  { id: 'night-bus', name: 'Night Bus 7', text: 'Home from every stage in town until four.', hue: 205 },
  { id: 'creek-tacos', name: 'Creek Tacos', text: 'Two for one with tonight’s ticket.', hue: 12 },
];

/** Somebody sees one ad at most so often in a session. */
const MAX_A_SESSION = 3;

const keyOf = (ad: Ad) => `encore:ad:${ad.id}`;

/** How often an ad was seen in this session of the tab. */
export const timesSeen = (ad: Ad): number => Number(sessionStorage.getItem(keyOf(ad)) ?? 0);

export const noteAdSeen = (ad: Ad) => sessionStorage.setItem(keyOf(ad), String(timesSeen(ad) + 1));

/** The next one in turn that may still be shown; nothing when all had their share. */
export function nextAd(after?: Ad): Ad | undefined {
  const from = after ? ADS.indexOf(after) + 1 : 0;
  const inTurn = [...ADS.slice(from), ...ADS.slice(0, from)];
  return inTurn.find((ad) => timesSeen(ad) < MAX_A_SESSION);
}
