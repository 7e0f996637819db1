import { defineCatalog, liveMusic } from '@turnout/schema';
import { z } from 'zod';

export const catalog = defineCatalog({
  ...liveMusic,
  setlist_open: {
    description: 'Fan opened the setlist of an event',
    entity: ['event'],
    props: z.object({
      songs: z.number().int(),
      source: z.enum(['modal', 'page']),
      fan: z.string().optional(),
      page: z.number().default(1),
    }),
  },
  stage_enter: { description: 'Fan entered a stage', entity: ['stage', 'venue'] },
  badge_open: { description: 'Fan opened a badge', props: z.object({ level: z.number().optional() }) },
});

declare module '@turnout/sdk' {
  interface Register {
    catalog: typeof catalog;
  }
}
