/**
 * Bugs that somebody could write, each in one of the real modules. The simulation has to find all of
 * them: one that it misses is a promise that nobody watches.
 */
import type { Mutation } from './bundle.ts';

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'acknowledges before the sync',
    file: 'collector/src/log/log.ts',
    find: 'await open.file.sync();',
    replace: '',
  },
  {
    name: 'forgets acknowledged rows of a segment that is given up',
    file: 'collector/src/log/log.ts',
    find: 'if (segment.rows > 0) sealed.push(segment);\n    else ',
    replace: '',
  },
  {
    name: 'goes on with a file whose sync failed',
    file: 'collector/src/log/log.ts',
    find: 'await abandon();',
    replace: '',
  },
  {
    name: 'keeps a segment in line until its removal succeeds',
    file: 'collector/src/log/log.ts',
    find: 'sealed.splice(sealed.indexOf(segment), 1);\n        await disk.remove(segment.name);',
    replace: 'await disk.remove(segment.name);\n        sealed.splice(sealed.indexOf(segment), 1);',
  },
  {
    name: 'trusts what the last run did not sync',
    isRare: true,
    file: 'collector/src/log/recover.ts',
    find: 'if (!isPlanned(name))',
    replace: 'if (false)',
  },
  {
    name: 'takes refused rows of the last run before planned ones',
    isRare: true,
    file: 'collector/src/log/recover.ts',
    find: 'recovered.sealed.sort(',
    replace: '[].sort(',
  },
  {
    name: 'keeps no room to drain on a full disk',
    isRare: true,
    file: 'collector/src/log/reserve.ts',
    find: 'if (!isOutOfRoom(error)) throw error;',
    replace: 'throw error;',
  },
  {
    name: 'never makes its reserve again',
    file: 'collector/src/log/reserve.ts',
    find: 'if (isDrained && !isClosed)',
    replace: 'if (false)',
  },
  {
    name: 'does not sync folders',
    file: 'collector/src/log/disk.ts',
    find: 'await handle.sync();',
    replace: '',
  },
  {
    name: 'does not write plans down',
    file: 'collector/src/store-segment.ts',
    find: 'await options.plans.write(segment, plan);',
    replace: '',
  },
  {
    name: 'trusts a plan that the last run did not sync',
    isRare: true,
    file: 'collector/src/plan.ts',
    find: 'if (!durable.has(nameOf(segment))) await write(nameOf(segment), bytes);',
    replace: '',
  },
  {
    name: 'forgets the plan on a replay and decides again',
    file: 'collector/src/store-segment.ts',
    find: 'const kept = await plans.read(segment);',
    replace: 'const kept = undefined;',
  },
  {
    name: 'sends a block again under a new token',
    file: 'collector/src/store-segment.ts',
    find: "'turnout.interactions', plan.token,",
    replace: "'turnout.interactions', randomUUID(),",
  },
  {
    name: 'removes a segment before it is stored',
    file: 'collector/src/store-segment.ts',
    find: 'const written = await insert(segment, records, plan, options);\n  await log.remove(segment);',
    replace: 'await log.remove(segment);\n  const written = await insert(segment, records, plan, options);',
  },
  {
    name: 'looks nothing up',
    file: 'collector/src/store-segment.ts',
    find: "else if (lookUpAll || record.kind === 'd')",
    replace: 'else if (false)',
  },
  {
    name: 'trusts its memory when it is young',
    file: 'collector/src/store-segment.ts',
    find: 'options.looksUpAll(segment.since)',
    replace: 'false',
  },
  {
    name: 'asks how young it is when it stores, not when rows came',
    isRare: true,
    file: 'collector/src/store-segment.ts',
    find: 'options.looksUpAll(segment.since)',
    replace: 'options.looksUpAll(Date.now())',
  },
  {
    name: 'remembers no ids',
    file: 'collector/src/recent.ts',
    find: 'if (twin) return twin;',
    replace: '',
  },
  {
    name: 'remembers ids whose write failed',
    file: 'collector/src/intake.ts',
    find: 'recent.forget(fresh.map(({ key }) => key));',
    replace: '',
  },
  {
    name: 'answers a duplicate before its twin is on disk',
    isRare: true,
    file: 'collector/src/intake.ts',
    find: 'await Promise.all(twins);',
    replace: '',
  },
  {
    name: 'sends what was reloaded as a first attempt',
    isRare: true,
    file: 'sdk/src/batch.ts',
    find: 'attempt: entry.attempt + 1',
    replace: 'attempt: 0',
  },
  {
    name: 'sends drafts of an earlier page as a first attempt',
    isRare: true,
    file: 'sdk/src/sender.ts',
    find: 'queue.fresh().has(entry.id) ? 0 : 1',
    replace: '0',
  },
  {
    name: 'takes a beacon for a delivery',
    file: 'sdk/src/sender.ts',
    find: 'else sendBeacon(settings, batch);',
    replace: 'else { sendBeacon(settings, batch); void queue.write([], [batch.id, ...batch.ids]); }',
  },
  {
    name: 'takes any 202 for a delivery',
    file: 'sdk/src/sender.ts',
    find: "typeof answer?.accepted === 'number' ? answer : undefined",
    replace: 'answer ?? { accepted: 0, rejected: [] }',
  },
  {
    name: 'removes the oldest batch instead of the delivered one',
    file: 'sdk/src/sender.ts',
    find: 'await queue.write([], [id, ...ids]);',
    replace:
      "await queue.write([], (await queue.read()).filter(({ kind }) => kind === 'batch').slice(0, 1).map(({ id }) => id));",
  },
  {
    name: 'forgets a batch when it is sent',
    file: 'sdk/src/sender.ts',
    find: 'const { status, text, retryAfter } = await send(',
    replace: 'await queue.write([], [id]); const { status, text, retryAfter } = await send(',
  },
  {
    name: 'spills nothing when the page goes',
    file: 'sdk/src/sender.ts',
    find: 'queue.spill();',
    replace: '',
  },
  {
    name: 'forgets a spill that IndexedDB did not take',
    isRare: true,
    file: 'sdk/src/queue.ts',
    find: 'else if (!pending.has(entry.id)) pending.set(entry.id, entry);',
    replace: 'else { if (!pending.has(entry.id)) pending.set(entry.id, entry); local.remove(name); }',
  },
];
