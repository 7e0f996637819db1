import { defineCatalog, liveMusic } from '@turnout/schema';
import { z } from 'zod';

export const catalog = defineCatalog({
  ...liveMusic,
  setlist_open: {
    description: 'Fan opened the setlist of an event',
    entity: ['event'],
    props: z.object({ songs: z.number().int() }),
  },
});

declare module '@turnout/sdk' {
  interface Register {
    catalog: typeof catalog;
  }
}
