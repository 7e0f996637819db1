import type { Entity } from '../interaction.ts';

/** What the attributes around an element say: what it is about, its list, and where on the site. */
export function placeOf(element: Element): {
  entity: Entity | undefined;
  list: string | undefined;
  surface: string | undefined;
} {
  const nearest = (name: string) =>
    element.closest(`[data-track-${name}]`)?.getAttribute(`data-track-${name}`) || undefined;
  return {
    entity: nearest('entity') as Entity | undefined,
    list: nearest('list'),
    surface: nearest('surface'),
  };
}
