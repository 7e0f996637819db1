import type { QueueBatch, QueueMessage } from './bindings.ts';
import { entriesOf } from './messages.ts';
import type { WriterClient } from './writer-client.ts';

/** A hundred attempts, the most a queue allows, then take close to the four days that it keeps messages. */
const MAX_DELAY_SECONDS = 3_600;

/** Has one delivery of the queue stored as one block, and acknowledges it; or asks for it again, later each time. */
export async function storeDelivery(
  { messages }: QueueBatch,
  writer: Pick<WriterClient, 'store'> | undefined,
  log: { warn(details: object, message: string): void; error(details: object, message: string): void },
): Promise<void> {
  const readable = messages.filter((message) => isReadable(message, log));
  if (readable.length === 0) return;
  try {
    if (!writer) throw new Error('The worker is not configured.');
    await writer.store(readable.map(({ body }) => body as string).join(''));
    for (const message of readable) message.ack();
  } catch (error) {
    log.warn(
      { error: String(error), messages: readable.length },
      'a block could not be stored; trying again',
    );
    for (const message of readable)
      message.retry({ delaySeconds: Math.min(2 ** (message.attempts - 1), MAX_DELAY_SECONDS) });
  }
}

/** What someone else put into the queue must not keep its neighbours back: it goes its way to the dead letters. */
function isReadable(message: QueueMessage, log: { error(details: object, message: string): void }): boolean {
  try {
    entriesOf(message.body);
    return true;
  } catch (error) {
    log.error({ error: String(error), id: message.id }, 'a message of the queue cannot be read');
    message.retry({ delaySeconds: MAX_DELAY_SECONDS });
    return false;
  }
}
