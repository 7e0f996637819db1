import type { Interaction, Json } from '@turnout/schema';
import type { z } from 'zod';
import { defined } from '../../defined.ts';
import { derivedId } from '../../derived-id.ts';
import type { Sender } from '../arrivals.ts';

/** A record as interactions, without ids: the door gives them. */
interface Recorded {
  sender: Sender;
  interactions: Omit<Interaction, 'id' | 'occurred_at'>[];
}

/** One kind of record that back ends report. */
export interface RecordKind<Schema extends z.ZodType = z.ZodType> {
  schema: Schema;
  /** One sentence for the documentation. */
  summary: string;
  read(record: z.output<Schema>, siteId: string): Recorded;
}

/** Keeps the types of a kind together. */
export const recordKind = <Schema extends z.ZodType>(kind: RecordKind<Schema>): RecordKind =>
  kind as unknown as RecordKind;

/**
 * Where records about nobody lie. Rollups count only what is `production`, so an amount or a number of followers
 * never makes an active person, a session or a score.
 */
const NOBODYS_ENV = 'back_office';
const NOBODY = 'back-office';

/** The sender of a record that is about no person. */
export function nobody(env: string | undefined): Sender {
  return { visitor_id: NOBODY, sdk: SDK, env: env === undefined || env === 'production' ? NOBODYS_ENV : env };
}

/** The sender of a record about a person; who is known by no id is known by `reference`, a ticket or an order. */
export function somebody(
  siteId: string,
  record: {
    user_id?: string | undefined;
    visitor_id?: string | undefined;
    session_id?: string | undefined;
    env?: string | undefined;
  },
  reference: string,
): Sender {
  const { user_id, visitor_id, session_id, env } = record;
  const isKnown = user_id !== undefined || visitor_id !== undefined;
  return defined({
    user_id,
    visitor_id: isKnown ? visitor_id : derivedId(siteId, 'person', reference),
    session_id,
    sdk: SDK,
    env,
  });
}

const SDK = 'ingest';

/** Props of what is there. */
export function propsOf(...parts: ({ [key: string]: unknown } | undefined)[]): {
  props?: { [key: string]: Json };
} {
  const props = defined(Object.assign({}, ...parts)) as { [key: string]: Json };
  return Object.keys(props).length > 0 ? { props } : {};
}
