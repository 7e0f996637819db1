import { z } from 'zod';
import { defined } from '../../defined.ts';
import { common, id, person, whole, word } from './fields.ts';
import { propsOf, recordKind, somebody } from './record.ts';

const schema = z
  .strictObject({
    ...common,
    ...person,
    event_id: id('the concert'),
    venue_id: id('where it is; known from the catalogue when left out').optional(),
    artist_id: id('who plays; known from the catalogue when left out').optional(),
    ticket_id: id('the ticket that was scanned: stands for its holder when nobody else is named').optional(),
    direction: z
      .enum(['entry', 'exit'], 'use "entry" or "exit"')
      .default('entry')
      .describe('one person who enters and leaves counts once'),
    quantity: whole('how many people came on this ticket').optional(),
    gate: word('where they passed').optional(),
    ticket_type: word('such as "standing" or "VIP"').optional(),
  })
  .refine(
    ({ user_id, visitor_id, ticket_id }) => (user_id ?? visitor_id ?? ticket_id) !== undefined,
    'say who came: "user_id", "visitor_id" or, when nobody is known, "ticket_id"',
  );

/** Someone entered or left a venue. */
export const attendance = recordKind({
  schema,
  summary: 'People who entered or left, as the scanners at the door saw them.',
  read(record, siteId) {
    const { event_id, venue_id, artist_id, ticket_id, direction, quantity, gate, ticket_type, props } =
      record;
    return {
      sender: somebody(siteId, record, `ticket:${ticket_id}`),
      interactions: [
        {
          type: 'attendance',
          entity_type: 'event',
          entity_id: event_id,
          ...defined({ quantity }),
          ...propsOf({ venue_id, artist_id, direction, gate, ticket_type, ticket_id }, props),
        },
      ],
    };
  },
});
