/**
 * Sessions for clients that have none: a session ends after 30 minutes of silence.
 *
 * Its id follows from the person and the session's first moment, by the client's own clock, and a moment that was
 * seen belongs to the same session when it comes again: a retry changes nothing. The memory is bounded and is the
 * process's own: after a restart, or at another collector, whoever goes on gets a new session.
 */
import { derivedId } from '../../derived-id.ts';
import { type JsonObject, objectIn } from '../../read-json.ts';

export interface Sessions {
  /** @param at - When it happened by the client's clock, ms since 1970. */
  sessionOf(siteId: string, person: string, at: number): string;
}

const SILENCE_MS = 30 * 60_000;
const MAX_PEOPLE = 50_000;
/** What comes late may belong to a session before the last one. */
const SESSIONS_EACH = 4;

interface Session {
  id: string;
  first: number;
  last: number;
}

export function createSessions(maxPeople = MAX_PEOPLE): Sessions {
  const people = new Map<string, Session[]>();
  return {
    sessionOf(siteId, person, at) {
      const key = JSON.stringify([siteId, person]);
      const known = people.get(key) ?? [];
      // Setting it again moves the person to the end: whoever was silent longest makes room.
      people.delete(key);
      people.set(key, known);
      if (people.size > maxPeople) {
        const [oldest = ''] = people.keys();
        people.delete(oldest);
      }
      const open = known.find(({ first, last }) => at >= first - SILENCE_MS && at <= last + SILENCE_MS);
      if (open) {
        open.first = Math.min(open.first, at);
        open.last = Math.max(open.last, at);
        return open.id;
      }
      const session = { id: derivedId(siteId, 'session', person, String(at)), first: at, last: at };
      known.push(session);
      known.sort((a, b) => b.last - a.last).splice(SESSIONS_EACH);
      return session.id;
    },
  };
}

/**
 * The session that the client says, or undefined. Amplitude's is the moment it began and no id, so the person
 * belongs to it; −1 means outside of any.
 */
export function saidSession(
  siteId: string,
  person: string,
  context: JsonObject,
  integrations: JsonObject,
): string | undefined {
  const said = context.sessionId ?? context.session_id;
  if (typeof said === 'string' && said !== '' && said.length <= 200) return said;
  const number = typeof said === 'number' ? said : objectIn(amplitudeIn(integrations)?.[1]).session_id;
  return typeof number === 'number' && number > 0
    ? derivedId(siteId, 'session', person, String(number))
    : undefined;
}

/** What the integrations say to Amplitude, by the name that they call it. */
export const amplitudeIn = (integrations: JsonObject): [string, unknown] | undefined =>
  Object.entries(integrations).find(([name]) => /amplitude/i.test(name));
