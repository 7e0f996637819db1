import type { Entity } from '../interaction.ts';
import { nearest } from './attributes.ts';

/** What the attributes around an element say: what it is about, its list, and where on the site. */
export function placeOf(element: Element): {
  entity: Entity | undefined;
  list: string | undefined;
  surface: string | undefined;
} {
  return {
    entity: nearest(element, 'entity') as Entity | undefined,
    list: nearest(element, 'list'),
    surface: nearest(element, 'surface'),
  };
}
