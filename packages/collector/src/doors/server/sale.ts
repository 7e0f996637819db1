import { z } from 'zod';
import { defined } from '../../defined.ts';
import { MAX_ORDER_LINES, type OrderedItem, orderLines } from '../order-lines.ts';
import { about, common, currency, entityOf, id, money, person, whole, word } from './fields.ts';
import { propsOf, recordKind, somebody } from './record.ts';

const ticket = {
  ticket_type: word('such as "standing" or "VIP"').optional(),
  quantity: whole('how many pieces; 1 when left out').optional(),
};

const line = z.strictObject({
  ...about,
  ...ticket,
  line: id(
    'its name within the order, such as "standing": tells two lines about one concert apart',
  ).optional(),
  price: money('of one piece').optional(),
  value: money('of the whole line; price × quantity when left out').optional(),
});

const schema = z
  .strictObject({
    ...common,
    ...person,
    ...about,
    ...ticket,
    order_id: id(
      'the order: reported by the page and by the back end, it counts once, as it was first reported',
    ),
    status: z
      .enum(['completed', 'refunded'], 'use "completed" or "refunded"')
      .default('completed')
      .describe('"refunded" takes the amount away again'),
    refund_id: id('tells two refunds of one order apart').optional(),
    value: money('what was paid for the whole order, or given back').optional(),
    currency: currency.optional(),
    ticket_provider: word('who sold it').optional(),
    coupon: word('the code that was used').optional(),
    click_id: id(
      'what the ticket link carried to the shop: ties the sale to the click that led to it',
    ).optional(),
    lines: z
      .array(line, 'write a list of lines')
      .min(1, 'list at least one line, or leave it out')
      .max(MAX_ORDER_LINES, `list at most ${MAX_ORDER_LINES} lines; report the others as another order`)
      .optional()
      .describe('what was bought; left out, the order is one line about its own event_id'),
  })
  .refine(
    ({ value, lines }) =>
      value !== undefined || lines?.every((it) => it.value !== undefined || it.price !== undefined) === true,
    'say what was paid: "value" for the order, or "price" or "value" for each of its lines',
  );

/** A sale at the ticketing back end: a purchase, or a refund, for each line of the order. */
export const sale = recordKind({
  schema,
  summary: 'Orders of a ticketing back end; each line is a purchase, or a refund.',
  read(record, siteId) {
    const { order_id, status, refund_id, value, props, ticket_provider, coupon, click_id } = record;
    const items = (record.lines ?? [{ ...record, line: undefined, price: undefined }]).map(
      (item): OrderedItem => {
        const { entity, facts } = entityOf(item);
        const { line, price, value, quantity, ticket_type } = item;
        const more = propsOf(facts, { ticket_type, ticket_provider, coupon, click_id }, props);
        return { ...entity, line, price, value, quantity, ...more };
      },
    );
    const type = status === 'refunded' ? ('refund' as const) : ('purchase' as const);
    const lines = orderLines(items, value, { type, ...(type === 'refund' && { refund: refund_id }) });
    return {
      sender: somebody(siteId, record, `order:${order_id}`),
      interactions: lines.map((it) => ({
        type,
        ...defined({ ...it, order_id, currency: record.currency }),
      })),
    };
  },
});
