import { z } from 'zod';
import { about, common, entityOf, whole, word } from './fields.ts';
import { nobody, propsOf, recordKind } from './record.ts';

/** What networks count. A closed list: each is a path of `props`, and a site has only so many. */
const METRICS = ['followers', 'mentions', 'posts', 'likes', 'shares', 'comments', 'views'] as const;

const schema = z
  .strictObject({
    ...common,
    ...about,
    network: word('such as "instagram"'),
    followers: whole('how many follow there at this time: a level, not an increase').optional(),
    mentions: whole('how often it was mentioned since the last record').optional(),
    posts: whole('posts since the last record').optional(),
    likes: whole('likes since the last record').optional(),
    shares: whole('shares since the last record').optional(),
    comments: whole('comments since the last record').optional(),
    views: whole('views since the last record').optional(),
    sentiment: z
      .number('write a number from -1 to 1')
      .min(-1, 'use -1 or more')
      .max(1, 'use at most 1')
      .optional()
      .describe('how the mentions sound, from -1 to 1'),
  })
  .refine(
    ({ event_id, offer_id, artist_id, venue_id }) =>
      (event_id ?? offer_id ?? artist_id ?? venue_id) !== undefined,
    'say what it is about: "artist_id", "event_id", "venue_id" or "offer_id"',
  )
  .refine(
    (record) => METRICS.some((metric) => record[metric] !== undefined) || record.sentiment !== undefined,
    `say what was counted: one of ${METRICS.join(', ')}, sentiment`,
  );

/** What a social network counted about an artist, a concert or a venue. */
export const social = recordKind({
  schema,
  summary: 'What social networks count about an artist, a concert or a venue.',
  read(record) {
    const { entity, facts } = entityOf(record);
    const { followers, mentions, posts, likes, shares, comments, views, sentiment, network, env, props } =
      record;
    const counted = { followers, mentions, posts, likes, shares, comments, views, sentiment };
    return {
      sender: nobody(env),
      interactions: [
        { type: 'custom', name: 'social', ...entity, ...propsOf(facts, props, { network }, counted) },
      ],
    };
  },
});
