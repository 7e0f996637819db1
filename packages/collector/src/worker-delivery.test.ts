import { expect, test } from 'vitest';
import { entriesOf, messagesOf } from './edge/messages.ts';
import { anEntry, aRow } from './testing/rows.ts';
import { aFolder } from './testing/temporary.ts';
import { aBatch, aClick, aWorker, expectVerified, PATIENTLY, tokenOf } from './worker.test-helper.ts';

test('counts once what is sent again, by whatever attempt', async () => {
  const { post, counted } = await aWorker();
  const batch = aBatch([aClick(), aClick(), aClick()]);

  for (const attempt of [0, 0, 1, 2]) expect((await post(batch, { attempt })).status).toBe(202);
  await post(aBatch([aClick()]));

  await expect.poll(counted, PATIENTLY).toEqual({ raw: 4, clicks: 4 });
  await expectVerified();
});

test.each([
  ['refuses inserts', { code: 202, message: 'Too many simultaneous queries' }],
  ['is down', 'down'],
  ['stores and loses the answer', 'mute'],
] as const)('loses and doubles nothing while the database %s', async (_name, fault) => {
  const { url, post, proxy, counted } = await aWorker();
  const blocks = async () =>
    ((await (await fetch(`${url}/readyz`)).json()) as { checks: { blocks: string } }).checks.blocks;
  proxy.setFault(fault);
  const batches = Array.from({ length: 5 }, () => aBatch([aClick(), aClick()]));

  for (const batch of batches) expect((await post(batch)).status).toBe(202);
  if (fault !== 'down') await expect.poll(blocks, PATIENTLY).not.toBe('ok');
  for (const batch of batches) expect((await post(batch, { attempt: 1 })).status).toBe(202);
  proxy.setFault('none');

  await expect.poll(counted, PATIENTLY).toEqual({ raw: 10, clicks: 10 });
  await expect.poll(blocks, PATIENTLY).toBe('ok');
  await expectVerified();
});

test('stores a delivery once, however the queue repeats and groups it', async () => {
  const { site, deliver, counted, proxy } = await aWorker();
  const bodies = messagesOf(Array.from({ length: 6 }, () => anEntry(aRow({ site_id: site }))));
  const entries = entriesOf(bodies[0]);
  const messages = entries.map((entry, index) => ({
    id: `message-${index}`,
    body: messagesOf([entry])[0] as string,
  }));
  const part = (from: number, to: number) => deliver(messages.slice(from, to));

  const first = await part(0, 3);
  // At the same moment, overlapping, and again as a whole.
  await Promise.all([part(2, 5), part(0, 4), part(4, 6)]);
  await part(0, 6);

  expect(first).toMatchObject({ outcome: 'ok', explicitAcks: ['message-0', 'message-1', 'message-2'] });
  expect(await counted()).toEqual({ raw: 6, clicks: 6 });
  // The first three in one block, the rest in at most three more; nothing is written for what is stored.
  expect(proxy.blocks.length).toBeLessThanOrEqual(4);
  await expectVerified();
});

test('carries a block that was begun to its end, as the same block under the same token', async () => {
  const { site, deliver, counted, proxy } = await aWorker();
  const messages = Array.from({ length: 4 }, (_, index) => ({
    id: `message-${index}`,
    body: messagesOf([anEntry(aRow({ site_id: site }))])[0] as string,
  }));
  proxy.setFault('mute');

  const cutOff = await deliver(messages.slice(0, 3));
  proxy.setFault('none');
  // Another grouping: one of the three, and one that is new.
  const next = await deliver(messages.slice(2));

  expect(cutOff).toMatchObject({ outcome: 'ok', explicitAcks: [] });
  expect(cutOff.retryMessages).toHaveLength(3);
  expect(next).toMatchObject({ explicitAcks: ['message-2', 'message-3'] });
  const [begun, again, fresh, ...others] = proxy.blocks;
  expect(again?.body).toBe(begun?.body);
  expect(tokenOf(again)).toBe(tokenOf(begun));
  expect(fresh?.body.trim().split('\n')).toHaveLength(1);
  expect(tokenOf(fresh)).not.toBe(tokenOf(begun));
  expect(others).toEqual([]);
  expect(await counted()).toEqual({ raw: 4, clicks: 4 });
  await expectVerified();
});

test('a writer that is moved in the middle of a block finds it again, and stores nothing twice', async () => {
  const { site, deliver, counted, proxy, restart } = await aWorker({ storage: await aFolder() });
  const messages = Array.from({ length: 4 }, (_, index) => ({
    id: `message-${index}`,
    body: messagesOf([anEntry(aRow({ site_id: site }))])[0] as string,
  }));
  await deliver(messages.slice(0, 1));
  // The database has the block, and the writer never heard so.
  proxy.setFault('mute');
  expect(await deliver(messages.slice(0, 3))).toMatchObject({ explicitAcks: [] });
  proxy.setFault('none');

  const { deliver: deliverAgain } = await restart();
  const again = await deliverAgain(messages.slice(1));

  expect(again).toMatchObject({ explicitAcks: ['message-1', 'message-2', 'message-3'] });
  expect(await counted()).toEqual({ raw: 4, clicks: 4 });
  const [, begun, carriedOn] = proxy.blocks;
  expect(carriedOn?.body).toBe(begun?.body);
  expect(tokenOf(carriedOn)).toBe(tokenOf(begun));
  await expectVerified();
});

test('a writer that is moved before it has stored anything loses nothing of what the queue kept', async () => {
  const { site, deliver, counted, proxy, restart } = await aWorker({ storage: await aFolder() });
  const messages = [{ id: 'm', body: messagesOf([anEntry(aRow({ site_id: site }))])[0] as string }];
  proxy.setFault('down');
  expect(await deliver(messages)).toMatchObject({ explicitAcks: [] });
  proxy.setFault('none');

  const { deliver: deliverAgain } = await restart();
  await Promise.all([deliverAgain(messages), deliverAgain(messages)]);

  expect(await counted()).toEqual({ raw: 1, clicks: 1 });
  await expectVerified();
});
