import type { Session } from 'chdb';

/**
 * Sessions on one data directory, handed out one statement at a time.
 *
 * A session runs its statements one after the other, and a query that was given up keeps running: so
 * readers and the writer have pools of their own.
 */
export interface SessionPool {
  /** Runs `use` with a session of its own; waits until one is free. */
  run<Result>(use: (session: Session) => Promise<Result>): Promise<Result>;
  /** Refuses new work, waits for what runs, closes the sessions. */
  close(): Promise<void>;
}

/** More waiting statements than this are refused: a queue that long is an outage already. */
const MAX_WAITING = 200;

export class PoolExhausted extends Error {}

/** @param open - Opens one more session on the same data directory. */
export function createSessionPool(size: number, open: () => Session): SessionPool {
  const sessions = Array.from({ length: size }, open);
  const free = [...sessions];
  const waiting: ((session: Session) => void)[] = [];
  const running = new Set<Promise<unknown>>();
  let closed = false;

  function take(): Promise<Session> {
    const session = free.pop();
    if (session) return Promise.resolve(session);
    return new Promise((resolve) => waiting.push(resolve));
  }

  function giveBack(session: Session): void {
    const next = waiting.shift();
    if (next) next(session);
    else free.push(session);
  }

  async function runOne<Result>(use: (session: Session) => Promise<Result>): Promise<Result> {
    const session = await take();
    try {
      const result = await use(session);
      giveBack(session);
      return result;
    } catch (error) {
      giveBack(replace(session));
      throw error;
    }
  }

  /**
   * What a statement had put out before it failed stays in its session, and would stand before the next
   * answer: a session is not used again after an error.
   */
  function replace(session: Session): Session {
    sessions.splice(sessions.indexOf(session), 1);
    session.close();
    const fresh = open();
    sessions.push(fresh);
    return fresh;
  }

  return {
    run(use) {
      if (closed) return Promise.reject(new PoolExhausted('The engine is closing.'));
      if (waiting.length >= MAX_WAITING) {
        return Promise.reject(new PoolExhausted(`${MAX_WAITING} statements are waiting already; try again.`));
      }
      const result = runOne(use);
      running.add(result);
      // Whoever asked hears of a failure; here the statement only has ended.
      result.catch(() => undefined).finally(() => running.delete(result));
      return result;
    },
    async close() {
      closed = true;
      // Closing under a running statement crashes the process (SIGSEGV in 5 of 45 tries).
      while (running.size > 0) await Promise.allSettled(running);
      for (const session of sessions) session.close();
    },
  };
}
