import { askSql } from './ask-sql.ts';
import type { Finding } from './diagnose.ts';

/** From which share of rejected interactions on tracking is failing, and from which it has failed. */
const LOOK_SHARE = 0.05;
const WRONG_SHARE = 0.2;
const MOST_REASONS = 3;

/** What came within a day, and what was rejected of it. */
export async function diagnoseArrivals(sqlUrl: string): Promise<Finding[]> {
  const about = 'arrivals';
  const rows = async <Row>(sql: string) =>
    (await askSql(sqlUrl, sql))
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Row);
  const [came] = await rows<{ accepted: string; seconds: string }>(
    // Late ones are 14 days old at most; more of the table is not read.
    `SELECT toString(count()) AS accepted, toString(dateDiff('second', max(received_at), now())) AS seconds
     FROM turnout.interactions WHERE ts > now() - INTERVAL 15 DAY AND received_at > now() - INTERVAL 1 DAY`,
  );
  const reasons = await rows<{ code: string; times: string; example: string }>(
    `SELECT code, toString(count()) AS times, any(message) AS example FROM turnout.rejected_interactions
     WHERE received_day >= today() - 1 AND received_at > now() - INTERVAL 1 DAY GROUP BY code ORDER BY count() DESC`,
  );
  const accepted = Number(came?.accepted);
  const rejected = reasons.reduce((sum, { times }) => sum + Number(times), 0);
  if (accepted + rejected === 0)
    return [
      {
        state: 'look',
        about,
        says: 'nothing came within a day: open your page with its script address followed by ?check, and read the console',
      },
    ];
  const share = rejected / (accepted + rejected);
  const state = share > WRONG_SHARE ? 'WRONG' : share > LOOK_SHARE ? 'look' : 'ok';
  const last = accepted > 0 ? `, the last ${Number(came?.seconds)} s ago` : '';
  return [
    {
      state,
      about,
      says: `${accepted} interactions within a day${last}; ${rejected} rejected (${(100 * share).toFixed(1)} %)`,
    },
    ...reasons.slice(0, MOST_REASONS).map(
      ({ code, times, example }): Finding => ({
        state: state === 'ok' ? 'ok' : 'look',
        about: 'rejected',
        says: `${times} as "${code}", such as: ${example}`,
      }),
    ),
  ];
}
