/**
 * `track()` without a catalogue: any name, and completion for the built-in ones. What a catalogue changes is
 * in `test-d`, a program of its own.
 */
import type { Entity, InteractionName, Props, PropsOf, TrackArguments, Tracker } from './index.ts';

declare function track<Name extends InteractionName>(name: Name, ...details: TrackArguments<Name>): void;
declare const tracker: Tracker;
declare const name: string;

/** Fails to compile unless both are the same type. */
declare function same<Left, Right>(
  ..._: (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2 ? [] : [error: 'differ']
): void;

same<PropsOf<'my_own'>, Props>();
same<PropsOf<'ticket_click'>['price_min'], number | undefined>();
same<NonNullable<TrackArguments<'search'>[0]>['entity'], Entity | undefined>();

track('my_own');
track(name, { entity: 'stage:1', props: { anything: [true] } });
track('page_view');
track('ticket_click', { entity: 'event:1', surface: 'event_card', props: { price_min: 30, mine: 1 } });
tracker.track('ticket_click', { entity: 'event:1', props: { price_min: 30, mine: 1 } });

/** As sites describe what their own interfaces answer. */
interface Concert {
  genre: string;
  price_min: number;
}
declare const concert: Concert;
tracker.track('ticket_click', { props: concert });
tracker.track('my_own', { props: concert });
tracker.context(concert);
tracker.identify('user_1', concert);

// @ts-expect-error: an entity is kind:id.
track('click', { entity: '42' });
// @ts-expect-error: a price is a number.
track('ticket_click', { props: { price_min: '30' } });
// @ts-expect-error: a price is a number, whoever says so.
track('ticket_click', { props: { ...concert, price_min: '30' } });
// @ts-expect-error: a text is no fact with a name.
track('click', { props: 'jazz' });
// @ts-expect-error: a field that does not exist; facts of your own go into props.
track('click', { venue: 'Blue Room' });
