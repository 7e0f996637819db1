/**
 * The load: a process of its own that posts batches over plain sockets, because a client library would cost more
 * than the collector it measures. Started by `bench.ts` with an IPC channel.
 */
import { connect } from 'node:net';
import { batches } from './batches.mjs';

/**
 * @typedef {object} Load What to send.
 * @property {number} port
 * @property {number} connections Requests under way at once.
 * @property {number} seconds
 * @property {number} [rate] Interactions a second; without it each connection sends as soon as it is answered.
 * @property {number} perBatch Interactions a batch.
 */

/** @param {Load} load */
async function run({ port, connections, seconds, rate, perBatch }) {
  const next = batches(perBatch);
  /** @type {Record<string, number>} */
  const statuses = {};
  /** @type {number[]} */
  const latencies = [];
  /** @type {number[]} From when a batch left in fact: what one answer takes while more is due than can leave. */
  const answers = [];
  let acknowledged = 0;
  let withoutRetryAfter = 0;
  let sent = 0;
  const cpu = process.cpuUsage();
  const begun = performance.now();
  const ends = begun + seconds * 1000;
  const interval = rate === undefined ? 0 : (1000 * perBatch) / rate;
  let due = begun;

  /** When the next batch leaves; a batch that leaves late because all connections wait is late all the same. */
  const takeTurn = () => {
    if (interval === 0) return performance.now();
    due += interval;
    return due;
  };

  await Promise.all(
    Array.from(
      { length: connections },
      () =>
        new Promise((resolve, reject) => {
          const socket = connect(port, '127.0.0.1');
          socket.setNoDelay(true);
          let leftAt = 0;
          let postedAt = 0;
          let head = '';
          let missing = -1;
          let retry = 0;
          const send = () => {
            const now = performance.now();
            if (now >= ends) return socket.end(() => resolve(undefined));
            leftAt = takeTurn();
            if (leftAt >= ends) return socket.end(() => resolve(undefined));
            if (leftAt > now) setTimeout(post, leftAt - now);
            else post();
          };
          const post = () => {
            postedAt = performance.now();
            sent += perBatch;
            const body = next();
            const line = `POST /v1/interactions?key=wk_demo&attempt=0&sent_at=${Date.now()} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1\r\nContent-Type: text/plain\r\nContent-Length: ${body.byteLength}\r\n\r\n`;
            socket.cork();
            socket.write(line);
            socket.write(body);
            socket.uncork();
          };
          socket.on('connect', send);
          socket.on('error', reject);
          socket.on('close', () => resolve(undefined));
          socket.on('data', (chunk) => {
            head += chunk.toString('latin1');
            if (missing < 0) {
              const end = head.indexOf('\r\n\r\n');
              if (end < 0) return;
              missing = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN) + end + 4;
              if (Number.isNaN(missing)) return reject(new Error(`An answer without a length: ${head}`));
            }
            if (head.length < missing) return;
            const status = head.slice(9, 12);
            statuses[status] = (statuses[status] ?? 0) + 1;
            latencies.push(performance.now() - leftAt);
            answers.push(performance.now() - postedAt);
            retry = 0;
            if (status === '202') acknowledged += Number(/"accepted":(\d+)/.exec(head)?.[1] ?? 0);
            else if (!/retry-after: \d+/i.test(head)) withoutRetryAfter += 1;
            else retry = Number(/retry-after: (\d+)/i.exec(head)?.[1] ?? 0);
            head = '';
            missing = -1;
            // A sender that was told to wait waits, but not for longer than the run.
            if (retry > 0 && interval === 0)
              setTimeout(send, Math.min(retry * 1000, Math.max(0, ends - performance.now())));
            else send();
          });
        }),
    ),
  );
  const used = process.cpuUsage(cpu);
  latencies.sort((a, b) => a - b);
  answers.sort((a, b) => a - b);
  const at = (/** @type {number} */ share, of = latencies) => of[Math.floor(of.length * share)] ?? 0;
  return {
    seconds: (performance.now() - begun) / 1000,
    sent,
    acknowledged,
    statuses,
    withoutRetryAfter,
    p50: at(0.5),
    p99: at(0.99),
    answeredP50: at(0.5, answers),
    answeredP99: at(0.99, answers),
    max: latencies.at(-1) ?? 0,
    cpuSeconds: (used.user + used.system) / 1e6,
  };
}

process.once('message', async (/** @type {Load} */ load) => {
  process.send?.(await run(load));
  process.disconnect();
});
