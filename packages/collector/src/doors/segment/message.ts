/**
 * One Segment message → the interactions it stands for, or why it stands for none. Pure.
 */
import type { Interaction, Json, PageContext } from '@turnout/schema';
import { defined } from '../../defined.ts';
import { derivedId } from '../../derived-id.ts';
import { isObject, type JsonObject, objectIn } from '../../read-json.ts';
import { HOW_TO_WRITE_TIME, readTime } from '../read-time.ts';
import { idOf, textOf } from '../take-fields.ts';
import { pageOf } from './page.ts';
import { traitsOf } from './person.ts';
import { amplitudeIn } from './sessions.ts';
import { trackOf } from './track.ts';

/** The calls of the Segment API. */
const CALLS = ['track', 'page', 'screen', 'identify', 'group', 'alias'] as const;
export type Call = (typeof CALLS)[number];

/** A message that was understood. */
export interface Understood {
  visitor_id: string | undefined;
  user_id: string | undefined;
  /** When it happened by the client's clock; undefined when it does not say. */
  occurredAt: number | undefined;
  sentAt: number | undefined;
  messageId: string | undefined;
  sdk: string;
  userAgent: string | undefined;
  context: JsonObject;
  integrations: JsonObject;
  page: PageContext | undefined;
  /** Without id and time, which the door gives them. */
  interactions: Omit<Interaction, 'id' | 'occurred_at'>[];
}

/** What all messages of a batch share. */
export interface Shared {
  context: JsonObject;
  integrations: JsonObject;
}

const NOTHING: Shared = { context: {}, integrations: {} };

/**
 * What a batch says of all its messages, as far as it is read. Whole, it may be as long as the batch, and a copy of it for
 * each of thousands of messages would take all memory.
 */
export function sharedIn(batch: JsonObject): Shared {
  const { library, userAgent, page, campaign, locale, sessionId, session_id } = objectIn(batch.context);
  const ofAmplitude = amplitudeIn(objectIn(batch.integrations));
  return {
    context: { library, userAgent, page, campaign, locale, sessionId, session_id },
    integrations: ofAmplitude === undefined ? {} : Object.fromEntries([ofAmplitude]),
  };
}

/**
 * @param call - What the address says it is; in a batch each message says so itself.
 * @param shared - What its batch says, from {@link sharedIn}: each merged with the message's own.
 */
export function readMessage(sent: unknown, call?: Call, shared = NOTHING): Understood | { problem: string } {
  if (!isObject(sent)) return { problem: 'A message is a JSON object, such as {"type":"track", …}.' };
  const kind = call ?? sent.type ?? sent.action;
  if (!isCall(kind)) return { problem: `"type" is ${shown(kind)}. Send one of ${CALLS.join(', ')}.` };

  const anonymous = personOf(sent, kind === 'alias' ? 'previousId' : 'anonymousId');
  const user = personOf(sent, 'userId');
  for (const person of [anonymous, user]) if (typeof person === 'object') return person;
  if (anonymous === undefined && user === undefined)
    return { problem: 'Nobody did it: send "anonymousId" or "userId".' };

  const occurredAt = timeOf(sent.originalTimestamp ?? sent.timestamp);
  if (occurredAt !== undefined && Number.isNaN(occurredAt))
    return {
      problem: `"timestamp" is no time. Send ${HOW_TO_WRITE_TIME}, or leave it out: then it is when it arrived.`,
    };
  const context = { ...shared.context, ...objectIn(sent.context) };
  const body = bodyOf(kind, sent, context);
  if ('problem' in body) return body;
  const sentAt = timeOf(sent.sentAt);
  return {
    visitor_id: anonymous as string | undefined,
    user_id: user as string | undefined,
    occurredAt,
    sentAt: sentAt === undefined || Number.isNaN(sentAt) ? undefined : sentAt,
    messageId: idOf(sent.messageId),
    sdk: sdkOf(context),
    userAgent: textOf(context.userAgent),
    context,
    integrations: { ...shared.integrations, ...objectIn(sent.integrations) },
    ...body,
  };
}

type Body = Pick<Understood, 'page' | 'interactions'>;

function bodyOf(kind: Call, sent: JsonObject, context: JsonObject): Body | { problem: string } {
  const properties = objectIn(sent.properties);
  const name = textOf(sent.name);
  switch (kind) {
    case 'track': {
      const interactions = trackOf(sent.event, properties);
      return 'problem' in interactions ? interactions : { page: pageOf(context), interactions };
    }
    case 'page': {
      const { url, path, referrer, title, search: _, ...rest } = properties;
      const props = { ...defined({ name, category: textOf(sent.category) }), ...rest };
      return {
        page: pageOf(context, defined({ url, path, referrer, title })),
        interactions: [{ type: 'page_view', ...propsOf(props) }],
      };
    }
    case 'screen':
      return {
        page: pageOf(context, defined({ title: name })),
        interactions: [{ type: 'page_view', ...propsOf({ ...defined({ screen: name }), ...properties }) }],
      };
    case 'identify':
      return {
        page: pageOf(context),
        interactions: [{ type: 'identify', ...propsOf(traitsOf(objectIn(sent.traits))) }],
      };
    case 'group': {
      const group_id = idOf(sent.groupId);
      const props = { ...traitsOf(objectIn(sent.traits)), ...defined({ group_id }) };
      return {
        page: pageOf(context),
        interactions: [{ type: 'custom', name: 'group', ...propsOf(props) }],
      };
    }
    case 'alias':
      return { page: pageOf(context), interactions: [{ type: 'custom', name: 'alias' }] };
  }
}

/** The id of each interaction of a message: the same on every retry. */
export function idOfMessage(siteId: string, messageId: string, index: number): string {
  return derivedId(siteId, 'segment', messageId, ...(index === 0 ? [] : [String(index)]));
}

function isCall(kind: unknown): kind is Call {
  return (CALLS as readonly unknown[]).includes(kind);
}

function shown(kind: unknown): string {
  if (kind === undefined) return 'missing';
  return typeof kind === 'string' ? JSON.stringify(kind.slice(0, 100)) : 'no text';
}

const MAX_PERSON_LENGTH = 200;

function personOf(sent: JsonObject, field: string): string | undefined | { problem: string } {
  const value = sent[field];
  if (value === undefined || value === null || value === '') return undefined;
  const id = idOf(value);
  return (
    id ?? { problem: `"${field}" must be text of at most ${MAX_PERSON_LENGTH} characters, or a number.` }
  );
}

function timeOf(value: unknown): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const ms = typeof value === 'string' ? readTime(value) : value;
  return typeof ms === 'number' && ms >= 0 && Number.isFinite(ms) ? Math.round(ms) : Number.NaN;
}

function sdkOf(context: JsonObject): string {
  const { name, version } = objectIn(context.library);
  const said = [name, version].filter((part) => typeof part === 'string' && part !== '').join('/');
  return said === '' ? 'segment' : `segment:${said}`.slice(0, 200);
}

function propsOf(props: JsonObject): { props?: { [key: string]: Json } } {
  // Whatever JSON it is: the collector cleans it, or rejects this one alone.
  return Object.keys(props).length > 0 ? { props: props as { [key: string]: Json } } : {};
}
