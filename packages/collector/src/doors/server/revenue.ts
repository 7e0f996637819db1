import { z } from 'zod';
import { defined } from '../../defined.ts';
import { about, common, currency, entityOf, money, whole, word } from './fields.ts';
import { nobody, propsOf, recordKind } from './record.ts';

const schema = z.strictObject({
  ...common,
  ...about,
  category: word('where it comes from, such as "bar", "merchandise" or "sponsorship"'),
  value: money('the amount; negative when it is taken back'),
  currency: currency.optional(),
  quantity: whole('how many pieces').optional(),
});

/** Money that no person stands behind. */
export const revenue = recordKind({
  schema,
  summary:
    'Amounts that belong to a concert, an artist or a venue, and to no person: bar, merchandise, sponsors.',
  read(record) {
    const { entity, facts } = entityOf(record);
    const { value, currency, quantity, category, env, props } = record;
    return {
      sender: nobody(env),
      interactions: [
        {
          type: 'custom',
          name: 'revenue',
          ...entity,
          ...defined({ value, currency, quantity }),
          ...propsOf(facts, props, { category }),
        },
      ],
    };
  },
});
