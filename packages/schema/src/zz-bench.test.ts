import { expect, test } from 'vitest';
import { openMigrated } from './engine.test-helper.ts';
import { verify } from './verify.ts';
test('bench', async () => {
  const e = await openMigrated();
  const N = 3_000_000, B = 30_000;
  let t = Date.now();
  for (let i = 0; i < N / B; i++) {
    await e.command(`INSERT INTO turnout.interactions (site_id,id,id_day,ts,occurred_at,received_at,local_date,type,user_key,session_id,entity_type,entity_id,artist_id,venue_id,city,country,age_band,gender,duration_ms,part,site_value,page_url,props)
     SETTINGS async_insert=0, insert_deduplicate=1, insert_deduplication_token='b${i}', deduplicate_blocks_in_dependent_materialized_views=1
     SELECT 'demo', generateUUIDv4(), toDate(t), t, t, t, toDate(t), ['impression','impression','impression','impression','impression','click','view','view','page_view','like','ticket_click','purchase','search'][rand(1)%13+1],
       u, concat('0193b3f0-0000-7000-8000-', toString(u), '-', toString(toDate(t))), 'event', concat('e', toString(rand(3)%2000)), concat('a', toString(rand(3)%500)), concat('v', toString(rand(3)%100)),
       ['Austin','Berlin','Paris','London'][rand(4)%4+1], ['US','DE','FR','GB'][rand(4)%4+1], ['18-24','25-34'][rand(5)%2+1], ['f','m'][rand(6)%2+1], rand(7)%60000, rand(8)%3, 12.5, 'https://x.example/abc', '{"a":1}'
     FROM (SELECT number, now64(3) - INTERVAL (${i} * 0.3 + number / ${B}) * 86400 SECOND AS t, intHash64(rand(2) % 200000) AS u FROM numbers(${B}))`);
  }
  console.info('insert us/row', (Date.now() - t) * 1000 / N);
  const time = async (name: string, f: () => Promise<unknown>) => { const s = Date.now(); const r = await f(); console.info(name, Date.now() - s, 'ms', JSON.stringify(r).slice(0, 200)); };
  console.info(await e.query(`select table, sum(rows) r, formatReadableSize(sum(bytes_on_disk)) b from system.parts where database='turnout' and active group by table`));
  const [u] = await e.query<{u:string}>(`select toString(any(user_key)) u from turnout.user_state`);
  for (const q of [
    `select count(), sum(impressions) from turnout.event_daily`,
    `select event_id, sum(revenue) r from turnout.event_daily where site_id='demo' and date >= today()-7 group by event_id order by r desc limit 3`,
    `select * from turnout.event_daily where site_id='demo' and event_id='e5' and date >= today()-30`,
    `select count() from turnout.user_daily where site_id='demo' and date >= today()-30`,
    `select count() from turnout.user_daily where site_id='demo' and user_key=${u?.u}`,
    `select * from turnout.engagement_scores where site_id='demo' and user_key=${u?.u}`,
    `select avg(engagement_score) from turnout.engagement_scores where site_id='demo'`,
    `select avg(purchase_likelihood) from turnout.purchase_likelihood where site_id='demo'`,
    `select * from turnout.artist_daily where site_id='demo' and artist_id='a5' and date >= today()-7`,
    `select max(total_followers) from turnout.artist_daily where site_id='demo' and date >= today()-7`,
  ]) { await e.query(q); await time(q, () => e.query(q)); }
  await time('verify', () => verify(e));
  await e.command('TRUNCATE TABLE turnout.sessions');
  await e.command('TRUNCATE TABLE turnout.user_state');
  await time('repair', async () => { const r = await verify(e, { repair: true }); return [r.ok, r.repaired?.tables]; });
  console.info(await e.query(`select event, value from system.events where event in ('OSCPUVirtualTimeMicroseconds')`), process.memoryUsage().rss / 1e6, (await import('node:fs')).readFileSync('/proc/self/status','utf8').match(/VmHWM.*/)?.[0]);
  // the state of uniques past the exact range, in two orders of arrival
  expect(await e.query(`select (select uniqCombined64Merge(14)(s) from (select uniqCombined64State(14)(number) s from numbers(300000) group by number % 17)) = (select uniqCombined64(14)(number) from numbers(300000)) as same`)).toEqual([{ same: 1 }]);
  e.close();
}, 900_000);
