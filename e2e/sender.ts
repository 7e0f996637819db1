import { randomUUID } from 'node:crypto';
import type { Answer, Interaction } from '@turnout/schema/wire';

/** A client as the SDK is one: a batch is sent again, byte for byte, until it is acknowledged. */
export interface Sender {
  /** Ids that the collector acknowledged. */
  acknowledged: Set<string>;
  /** Stops, and resolves when no request is under way. */
  stop(): Promise<void>;
}

const INTERACTIONS_A_BATCH = 20;
const CLIENTS = 4;

/** Sends batches without pause to whatever address `url` gives at the time. */
export function startSender(url: () => string): Sender {
  const acknowledged = new Set<string>();
  let isStopped = false;
  const clients = Array.from({ length: CLIENTS }, async (_, client) => {
    while (!isStopped) {
      const { ids, body } = aBatch(client);
      for (let attempt = 0; !isStopped; attempt += 1) {
        if (
          await send(`${url()}/v1/interactions?key=wk_demo&attempt=${attempt}&sent_at=${Date.now()}`, body)
        ) {
          for (const id of ids) acknowledged.add(id);
          break;
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  });
  return {
    acknowledged,
    async stop() {
      isStopped = true;
      await Promise.all(clients);
    },
  };
}

async function send(address: string, body: string): Promise<boolean> {
  try {
    const response = await fetch(address, { method: 'POST', body, signal: AbortSignal.timeout(10_000) });
    if (response.status !== 202) return false;
    const { accepted } = (await response.json()) as Answer;
    return accepted === INTERACTIONS_A_BATCH;
  } catch {
    return false; // The connection broke: nobody knows whether it arrived, so it is sent again.
  }
}

function aBatch(client: number): { ids: string[]; body: string } {
  const ids = Array.from({ length: INTERACTIONS_A_BATCH }, () => randomUUID());
  const interactions: Interaction[] = ids.map((id, index) => ({
    id,
    type: index % 4 === 0 ? 'click' : 'impression',
    occurred_at: Date.now(),
    entity_type: 'event',
    entity_id: `evt-${index}`,
    surface: 'feed',
    position: index,
    props: { artist_name: 'A', venue_name: 'V', feed_type: 'following' },
  }));
  return {
    ids,
    body: JSON.stringify({
      batch_id: randomUUID(),
      sdk: 'e2e/1',
      visitor_id: `v${client}`,
      session_id: `s${client}`,
      interactions,
    }),
  };
}
