import fc from 'fast-check';
import { expect, test } from 'vitest';
import { orderReportOf } from './order-report.ts';
import { columnsJson, rowJson } from './row-json.ts';
import { soughtIn } from './sought.ts';
import { aRow } from './testing/rows.ts';

const recordOf = (site: string, id: string, json: string) => ({
  key: `${site}/${id}`,
  json: Buffer.from(json),
});

/** As `ingest.ts` puts a row together: its own columns, those of the batch, those of the page. */
function written(row: ReturnType<typeof aRow>): string {
  const { site_id, id, id_day, type, user_key, order_id, ...rest } = row;
  return rowJson(
    columnsJson({ id, id_day, type, user_key, order_id, ...rest }),
    columnsJson({ site_id }),
    '',
  );
}

test('reads the same from the front of a row as from all of it, whatever stands behind', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('purchase', 'refund', 'checkout_start', 'click'),
      fc.option(fc.string({ unit: 'grapheme' }), { nil: undefined }),
      fc.dictionary(fc.constantFrom('id', 'id_day', 'type', 'user_key', 'order_id'), fc.string()),
      fc.constantFrom('demo', 'a/b'),
      fc.constantFrom('js/0.1.0', 'segment:analytics.js/1'),
      fc.constantFrom({}, { visitor_id: 'v1' }),
      fc.constantFrom({}, { received_at: '2026-01-01 00:00:00.000' }),
      (type, order_id, props, site_id, sdk, visitor, arrival) => {
        const order = order_id === undefined ? {} : { order_id };
        const row = aRow({ site_id, type, props, sdk, ...visitor, ...order, ...arrival });
        const { id, id_day, user_key } = row;
        const isOrder = order_id !== undefined && (type === 'purchase' || type === 'refund');
        const report = orderReportOf(row);
        expect(report !== undefined).toBe(isOrder && order_id !== '');
        const sought = {
          site_id,
          id,
          id_day,
          type,
          user_key,
          isOrder,
          ...(report && { report }),
          mayChangePerson: sdk.startsWith('segment') || !('visitor_id' in visitor),
          isUntimed: sdk.startsWith('segment') && !('received_at' in arrival),
        };

        expect(soughtIn(recordOf(site_id, id, written(row)))).toEqual(sought);
        // The columns in another order, as another version may have written them.
        expect(soughtIn(recordOf(site_id, id, JSON.stringify(row)))).toEqual(sought);
      },
    ),
  );
});
