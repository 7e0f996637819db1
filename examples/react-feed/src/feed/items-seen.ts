/** Which items were seen since the tab was opened: a change of tabs says how many. */
const seen = new Set<string>();

export const noteItemSeen = (id: string) => void seen.add(id);

/** How many, and starts anew. */
export function takeItemsSeen(): number {
  const count = seen.size;
  seen.clear();
  return count;
}
