/**
 * The way between pages and the collector: it delays, loses and repeats requests, loses and garbles
 * answers, and has proxies that answer by themselves.
 */
import type { Answer, Machine } from './machine.ts';
import type { Realm, World } from './world.ts';

/** How likely each trouble is, for one request. */
export interface Weather {
  loss: number;
  answerLoss: number;
  repeat: number;
  slow: number;
  proxy: number;
}

export const CALM: Weather = { loss: 0, answerLoss: 0, repeat: 0, slow: 0, proxy: 0 };

/** A request that is repeated by the network arrives again within this time: far below the collector's ten minutes. */
const MAX_REPEAT_MS = 120_000;

export type Network = ReturnType<typeof createNetwork>;

/** See above. */
export function createNetwork(world: World, machine: Machine) {
  const { random } = world;
  const wire = world.realm('network');
  let weather = CALM;
  let inFlight = 0;

  const delay = () => (random.chance(weather.slow) ? random.between(1_000, 45_000) : random.between(5, 200));

  function proxyAnswer(interactions: number): Answer {
    const kinds: Answer[] = [
      { status: 200, text: '<h1>Welcome to our Wi-Fi</h1>', retryAfter: null },
      { status: 502, text: 'bad gateway', retryAfter: null },
      { status: 503, text: '', retryAfter: '7' },
      { status: 429, text: '', retryAfter: '3' },
      { status: 408, text: '', retryAfter: null },
      { status: 202, text: '', retryAfter: null },
      { status: 202, text: '{"accepted":', retryAfter: null },
    ];
    // One interaction alone cannot be split: the queue keeps it aside, which is not a loss but its end.
    if (interactions > 1) kinds.push({ status: 413, text: 'too large', retryAfter: null });
    return random.pick(kinds);
  }

  return {
    become(next: Weather): void {
      weather = next;
    },
    inFlight: () => inFlight,
    /**
     * Sends a request. `reply` hears of the answer, or of `undefined` when the connection breaks; or
     * never, when the request is swallowed. `isCut` is asked on the way: the page may have gone.
     */
    send(
      url: string,
      body: string,
      isCut: () => boolean,
      reply?: { realm: Realm; to: (answer?: Answer) => void },
    ): void {
      const answer = (value: Answer | undefined, label: string) => {
        if (reply) world.after(reply.realm, delay(), label, () => reply.to(value));
      };
      const arrive = (isFirst: boolean) => {
        inFlight -= 1;
        if (isCut()) return world.note(() => 'a request was cut off with its page');
        machine.receive(url, body, (value) => {
          if (!isFirst) return;
          // Browsers resend by themselves what they sent on a connection that broke.
          if (!value && random.chance(weather.repeat)) {
            world.note(() => 'a request is sent again by the browser itself');
            return travel(random.between(100, 10_000), true);
          }
          if (random.chance(weather.answerLoss)) return answer(undefined, 'an answer is lost');
          if (random.chance(weather.proxy / 2)) return answer(proxyAnswer(1), 'a proxy spoils the answer');
          answer(value, value ? `hears ${value.status}` : 'is refused');
        });
      };
      const travel = (ms: number, isFirst: boolean) => {
        inFlight += 1;
        world.after(wire, ms, '', () => arrive(isFirst));
      };
      if (random.chance(weather.proxy)) {
        const interactions = JSON.parse(body).interactions.length;
        answer(proxyAnswer(interactions), 'hears a proxy');
        return;
      }
      if (random.chance(weather.loss)) {
        // Swallowed: whoever waits gives up by itself. Or refused at once.
        if (random.chance(0.5)) answer(undefined, 'a request is lost');
        return;
      }
      const ms = delay();
      travel(ms, true);
      if (random.chance(weather.repeat)) {
        world.note(() => 'the network repeats a request');
        travel(ms + random.between(0, random.pick([50, 2_000, MAX_REPEAT_MS])), false);
      }
    },
  };
}
