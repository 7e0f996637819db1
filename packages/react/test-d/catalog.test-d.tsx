/**
 * What a registered catalogue changes for React. A program of its own: it holds for all its files.
 */
import { Experiment, Track, useExperiment, useFunnel, useTrack } from '@turnout/react';
// As a browser does it: zod stays away from it.
import type {} from './catalog.ts';

export function App() {
  const track = useTrack();
  track('setlist_open', { entity: 'event:1', props: { songs: 12, source: 'modal' } });
  track('ticket_click', { entity: 'event:1', surface: 'feed', props: { price_min: 30 } });
  // @ts-expect-error: unknown name.
  track('setlst_open');
  // @ts-expect-error: wrong kind of entity.
  track('setlist_open', { entity: 'venue:1', props: { songs: 12, source: 'modal' } });
  // @ts-expect-error: the props are missing.
  track('setlist_open');
  // @ts-expect-error: a prop of another type.
  track('setlist_open', { props: { songs: '12', source: 'modal' } });

  const funnel = useFunnel('ticket', { entity: 'event:1', steps: ['details', 'interest'] });
  funnel.step('details');
  // @ts-expect-error: no step of this funnel.
  funnel.step('detials');

  const { variant } = useExperiment('hero', { variants: ['control', 'b'], fallback: 'control' });
  // @ts-expect-error: no variant of this experiment.
  const isC = variant === 'c';
  // @ts-expect-error: the fallback is one of the variants.
  useExperiment('hero', { variants: ['control', 'b'], fallback: 'c' });

  const elements = [
    <Track key="1" type="setlist_open" entity="event:1" props={{ songs: 12, source: 'modal' }} />,
    <Track
      key="2"
      type="setlist_open"
      entity="event:1"
      props={() => ({ songs: 12, source: 'page' as const })}
    />,
    <Track
      key="3"
      type="ticket_click"
      entity="event:1"
      props={{ price_min: 30, shop_id: 's-1' }}
      impression
    />,
    // @ts-expect-error: the props are missing.
    <Track key="4" type="setlist_open" entity="event:1" />,
    // @ts-expect-error: a prop of another type.
    <Track key="5" type="setlist_open" props={{ songs: '12', source: 'modal' }} />,
    // @ts-expect-error: a value that the catalogue does not know.
    <Track key="6" type="setlist_open" props={() => ({ songs: 12, source: 'radio' })} />,
    // @ts-expect-error: a built-in prop of another type.
    <Track key="7" type="ticket_click" props={{ price_min: 'thirty' }} />,
    // @ts-expect-error: without a type it is an impression or a click, whose props are known too.
    <Track key="8" impression props={{ scroll_depth: 'deep' }} />,
    // @ts-expect-error: wrong kind of entity.
    <Track key="9" type="setlist_open" entity="venue:1" props={{ songs: 12, source: 'modal' }} />,
    // @ts-expect-error: unknown name.
    <Track key="10" type="setlst_open" />,
  ];

  return (
    <Track entity="event:1" click={{ type: 'ticket_click' }} props={() => ({ isC })}>
      {elements}
      <Experiment id="hero" variants={{ control: <b>All</b>, b: <b>Tonight</b> }} fallback="control" />
      {/* @ts-expect-error: an entity is kind:id. */}
      <Track entity="42" />
      {/* @ts-expect-error: the fallback is one of the variants. */}
      <Experiment id="hero" variants={{ control: null, b: null }} fallback="c" />
    </Track>
  );
}
