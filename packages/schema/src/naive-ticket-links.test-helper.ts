/** Ticket links and the orders they led to, said once more in plain TypeScript: one order after the other, and its clicks. */
import { type Dice, diceOf } from './histories.test-helper.ts';
import type { InteractionRow } from './table.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const time = (row: InteractionRow) => Date.parse(`${row.ts.replace(' ', 'T')}Z`);
const clickIdOf = (row: InteractionRow) => String(row.props?.click_id ?? '');
const isSame = (a: InteractionRow, b: InteractionRow) =>
  a.entity_type === b.entity_type && a.entity_id === b.entity_id;
/** Of several the last, and of those at one moment the one whose names come last. */
const last = (clicks: InteractionRow[]) =>
  [...clicks].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)).at(-1) as InteractionRow;
const nameOf = (row: InteractionRow) =>
  [row.ts, row.local_date, row.entity_type, row.entity_id, row.ticket_provider].join(' ');

/** What `ticket_link_daily` says of the rows of one site, by day, event and seller. */
export function naiveTicketLinks(all: InteractionRow[], window: number): Map<string, number[]> {
  const rows = all.filter((row) => row.is_bot === 0 && row.env === 'production');
  const clicks = rows.filter(({ type }) => type === 'ticket_click');
  const figures = new Map<string, number[]>();
  // Clicks, tagged, by click id, by person, from a server, tickets, revenue, unmatched.
  const add = (day: string, thing: InteractionRow, seller: string, ...values: number[]) => {
    const event = thing.entity_type === 'event' ? thing.entity_id : '';
    const key = `${day} ${event} ${seller}`;
    const before = figures.get(key) ?? values.map(() => 0);
    figures.set(
      key,
      values.map((value, index) => value + (before[index] ?? 0)),
    );
  };
  for (const click of clicks)
    add(
      click.local_date,
      click,
      click.ticket_provider ?? '',
      1,
      clickIdOf(click) === '' ? 0 : 1,
      0,
      0,
      0,
      0,
      0,
      0,
    );

  const orders = new Map<string, InteractionRow[]>();
  for (const row of rows.filter(({ type }) => type === 'purchase' || type === 'refund')) {
    const name = `${row.entity_type} ${row.entity_id} ${row.order_id || row.id}`;
    orders.set(name, [...(orders.get(name) ?? []), row]);
  }
  for (const lines of orders.values()) {
    const bought = lines.filter(({ type }) => type === 'purchase');
    const first = [...bought].sort((a, b) => time(a) - time(b) || Number(a.user_key) - Number(b.user_key))[0];
    if (!first) continue;
    // A refund says which order it belongs to, and not which click.
    const reference = bought.map(clickIdOf).sort().at(-1);
    const isSoonBefore = (click: InteractionRow, slack: number) =>
      time(click) >= time(first) - window * DAY_MS && time(click) <= time(first) + slack;
    const certain = clicks.filter(
      (click) =>
        reference !== '' &&
        (clickIdOf(click) || click.id) === reference &&
        isSoonBefore(click, 5 * MINUTE_MS),
    );
    const likely = clicks.filter(
      (click) => click.user_key === first.user_key && isSame(click, first) && isSoonBefore(click, 0),
    );
    const onTheThing = certain.filter((click) => isSame(click, first));
    const led = [onTheThing, certain, likely].find(({ length }) => length > 0);
    const money = lines.reduce(
      (sum, { type, site_value }) => sum + Number(site_value ?? 0) * (type === 'refund' ? -1 : 1),
      0,
    );
    if (!led) {
      const day = bought.map(({ local_date }) => local_date).sort()[0] as string;
      const seller = lines
        .map(({ ticket_provider }) => ticket_provider ?? '')
        .sort()
        .at(-1) as string;
      add(day, first, seller, 0, 0, 0, 0, 0, 0, 0, 1);
      continue;
    }
    const click = last(led);
    const isCertain = certain.length > 0;
    const isFromServer = bought.some(({ sdk }) => !sdk?.startsWith('js/'));
    const tickets = bought.reduce((sum, { quantity }) => sum + (quantity ?? 1), 0);
    const how = isCertain ? [1, 0] : [0, 1];
    add(
      click.local_date,
      click,
      click.ticket_provider ?? '',
      0,
      0,
      ...how,
      isFromServer ? 1 : 0,
      tickets,
      money,
      0,
    );
  }
  return figures;
}

const pickThing = (dice: Dice) =>
  dice.pick([
    { entity_type: 'event', entity_id: 'e1' },
    { entity_type: 'event', entity_id: 'e1' },
    { entity_type: 'event', entity_id: 'e2' },
    { entity_type: 'artist', entity_id: 'a1' },
  ]);

/** Random clicks and orders of a site over nine days: links that share an id, several lines, refunds, bots. */
export function ticketHistoryOf(
  number: number,
  rowAt: (daysAgo: number, minutes: number, row: Partial<InteractionRow>) => InteractionRow,
): InteractionRow[] {
  const dice = diceOf(number);
  const clickIds: string[] = ['', '', 'k1', 'k1', 'k2'];
  return Array.from({ length: 6 + dice.below(14) }, () => {
    const type = dice.pick([
      'ticket_click',
      'ticket_click',
      'ticket_click',
      'purchase',
      'purchase',
      'refund',
    ] as const);
    const clickId = dice.pick(clickIds);
    const row = rowAt(1 + dice.below(9), dice.pick([0, 2, 7, dice.below(600)]), {
      ...{ type, site_id: `links-${number}`, ...pickThing(dice), user_key: dice.pick(['1', '2', '3']) },
      ...{
        ticket_provider: dice.pick(['shop', 'door', '']),
        props: clickId === '' ? {} : { click_id: clickId },
      },
      ...{ is_bot: dice.below(15) === 0 ? 1 : 0, env: dice.below(15) === 0 ? 'test' : 'production' },
    });
    // A shop may hand back the id of the interaction in the place of a click id.
    if (type === 'ticket_click') {
      if (clickId === '') clickIds.push(row.id);
      return row;
    }
    const order = { order_id: dice.pick(['o1', 'o2', 'o3', '']), site_value: String(1 + dice.below(90)) };
    return { ...row, ...order, sdk: dice.pick(['js/0.1.0', 'ingest']), quantity: 1 + dice.below(3) };
  });
}
