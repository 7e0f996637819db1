/**
 * Ids that follow from what they identify, so that two who never met give the same thing the same id.
 */
import type { Interaction, InteractionRow } from '@turnout/schema';
import { uuidV5 } from './uuid-v5.ts';

/** The namespace of every id derived here. Part of the contract: a change counts old orders twice. */
const NAMESPACE = '6f0d2f63-7c52-4b0a-9d3e-1c5b8a2e4f70';

/**
 * Whom the views leave out counts apart: a staging shop has the numbers of the real one, and who looks like a program may
 * have bought all the same. Their word of an order must not be taken for the one that counts. Empty for what counts.
 */
export function apart({ env, is_bot }: Pick<InteractionRow, 'env' | 'is_bot'>): (string | number)[] {
  return env === 'production' && is_bot === 0 ? [] : [env, is_bot];
}

/**
 * The id of one line of an order, or undefined when the interaction is none.
 *
 * The browser's thank-you page, the same page reloaded and the ticketing back end all report an order:
 * they count once, the first. Two lines of one order both count, told apart by what was bought and by `props.line`:
 * shops write the kind of ticket there, and two concerts have one of that name.
 */
export function orderLineId(
  siteId: string,
  interaction: Interaction,
  sender: Pick<InteractionRow, 'env' | 'is_bot'>,
): string | undefined {
  const { type, order_id, entity_type, entity_id, props } = interaction;
  if ((type !== 'purchase' && type !== 'refund') || order_id === undefined) {
    return undefined;
  }
  const thing = entity_type === undefined ? '' : `${entity_type}:${entity_id ?? ''}`;
  // As JSON the parts cannot run into one another, whatever characters they hold.
  return uuidV5(
    NAMESPACE,
    JSON.stringify([siteId, type, order_id, ...lineOf(thing, props?.line), ...apart(sender)]),
  );
}

/** What tells a line from the others of its order: both are needed only where the line does not say the thing itself. */
function lineOf(thing: string, line: unknown): string[] {
  if (typeof line !== 'string' && typeof line !== 'number') return [thing];
  const reference = String(line);
  const saysThing = reference === thing || ['#', '/'].some((mark) => reference.startsWith(thing + mark));
  return thing === '' || saysThing ? [reference] : [thing, reference];
}

/** The session of a visitor without cookies: everything they do on one day. */
export function cookielessSessionId(siteId: string, userKey: string, idDay: string): string {
  return uuidV5(NAMESPACE, JSON.stringify([siteId, 'session', userKey, idDay]));
}

/** An id of what came through one of the doors, from whatever names it. */
export function derivedId(...names: string[]): string {
  return uuidV5(NAMESPACE, JSON.stringify(names));
}
