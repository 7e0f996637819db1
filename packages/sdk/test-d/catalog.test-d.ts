/**
 * `track()` with a registered catalogue. A program of its own: what is registered here holds for all its files.
 */
import type { EntityOf, InteractionName, InteractionType, PropsOf, TrackArguments } from '@turnout/sdk';
// As a browser does it: zod stays away from it.
import type { catalog } from './catalog.ts';

declare function track<Name extends InteractionName>(name: Name, ...details: TrackArguments<Name>): void;
declare const anyType: InteractionType;

/** Fails to compile unless both are the same type. */
declare function same<Left, Right>(
  ..._: (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2 ? [] : [error: 'differ']
): void;

same<InteractionName, InteractionType | 'setlist_open' | 'stage_enter' | 'badge_open'>();
same<InteractionName, InteractionType | keyof typeof catalog>();
same<EntityOf<'setlist_open'>, `event:${string}`>();
same<PropsOf<'setlist_open'>['songs'], number>();
same<PropsOf<'setlist_open'>['source'], 'modal' | 'page'>();
same<PropsOf<'setlist_open'>['page'], number | undefined>();

// What the catalogue says.
track('setlist_open', { entity: 'event:evt_1', props: { songs: 12, source: 'modal' } });
track('setlist_open', { props: { songs: 12, source: 'page', fan: 'f', page: 2 }, surface: 'event_modal' });
track('badge_open');
track('badge_open', { props: { level: 2 } });
track('stage_enter', { entity: 'stage:1', props: { anything: true } });
track('stage_enter', { entity: 'venue:1' });

// @ts-expect-error: unknown name.
track('setlst_open');
// @ts-expect-error: wrong kind of entity.
track('setlist_open', { entity: 'venue:1', props: { songs: 12, source: 'modal' } });
// @ts-expect-error: no entity at all.
track('setlist_open', { entity: 'evt_1', props: { songs: 12, source: 'modal' } });
// @ts-expect-error: the props are missing.
track('setlist_open');
// @ts-expect-error: the props are missing.
track('setlist_open', { entity: 'event:evt_1' });
// @ts-expect-error: one prop is missing.
track('setlist_open', { props: { songs: 12 } });
// @ts-expect-error: a prop of another type.
track('setlist_open', { props: { songs: '12', source: 'modal' } });
// @ts-expect-error: a prop that is not declared.
track('setlist_open', { props: { songs: 12, source: 'modal', sogns: 12 } });
// @ts-expect-error: wrong kind of entity.
track('stage_enter', { entity: 'event:1' });

// Built-in types keep their kinds and props, and take kinds of the site's own.
track('page_view');
track(anyType);
track('ticket_click', { entity: 'event:1', props: { ticket_provider: 'dice', price_min: 30, mine: 1 } });
track('friend_add', { entity: 'user:1' });
track('friend_add', { entity: 'stage:1' });
track('click', { entity: 'whatever:1' });
// @ts-expect-error: a friend is no venue.
track('friend_add', { entity: 'venue:1' });
// @ts-expect-error: a price is a number.
track('ticket_click', { props: { price_min: '30' } });
