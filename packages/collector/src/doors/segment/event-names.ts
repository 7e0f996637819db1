/**
 * What a Segment `track` call becomes, by its name: the e-commerce events of the public spec, the names they had
 * in its first version, and the types of Turnout themselves. Every other name is a `custom` interaction.
 */
import type { InteractionType } from '@turnout/schema';
import { INTERACTION_TYPE_NAMES } from '../take-fields.ts';

export interface Meaning {
  type: InteractionType;
  /** The kind of thing it is about, where its props do not say. */
  about?: 'promotion' | 'list' | 'cart';
  /** An order, with one interaction for each of its products. */
  isOrder?: true;
  undo?: true;
  /** Which step of the funnel it is; `step` of its props otherwise. */
  step?: string;
}

/** The names as the spec writes them. `docs/segment.md` has the same list. */
export const EVENT_NAMES: { readonly [name: string]: Meaning } = {
  'Products Searched': { type: 'search' },
  'Product List Viewed': { type: 'view', about: 'list' },
  'Promotion Viewed': { type: 'impression', about: 'promotion' },
  'Promotion Clicked': { type: 'click', about: 'promotion' },
  'Product Clicked': { type: 'click' },
  'Product Viewed': { type: 'view' },
  'Product Added': { type: 'cart_add' },
  'Product Removed': { type: 'cart_remove' },
  'Cart Viewed': { type: 'view', about: 'cart' },
  'Checkout Started': { type: 'checkout_start' },
  'Checkout Step Viewed': { type: 'funnel_step' },
  'Checkout Step Completed': { type: 'funnel_step' },
  'Payment Info Entered': { type: 'funnel_step', step: 'payment_info' },
  'Order Completed': { type: 'purchase', isOrder: true },
  'Order Refunded': { type: 'refund', isOrder: true },
  'Product Added to Wishlist': { type: 'save' },
  'Product Removed from Wishlist': { type: 'save', undo: true },
  'Wishlist Product Added to Cart': { type: 'cart_add' },
  'Product Shared': { type: 'share' },
  'Cart Shared': { type: 'share', about: 'cart' },
  'Product Reviewed': { type: 'review' },
  'Experiment Viewed': { type: 'exposure' },
  'Video Playback Started': { type: 'media_play' },
  // Its first version.
  'Viewed Product Category': { type: 'view', about: 'list' },
  'Viewed Product': { type: 'view' },
  'Added Product': { type: 'cart_add' },
  'Removed Product': { type: 'cart_remove' },
  'Viewed Promotion': { type: 'impression', about: 'promotion' },
  'Clicked Promotion': { type: 'click', about: 'promotion' },
  'Started Order': { type: 'checkout_start' },
  'Completed Order': { type: 'purchase', isOrder: true },
  'Refunded Order': { type: 'refund', isOrder: true },
};

const BY_NAME: ReadonlyMap<string, Meaning> = new Map(
  Object.entries(EVENT_NAMES).map(([name, meaning]) => [name.toLowerCase(), meaning]),
);
/** `identify` has a call of its own, and `custom` would carry no name. */
const NOT_BY_NAME: ReadonlySet<string> = new Set(['identify', 'custom']);

export function meaningOf(name: string): Meaning | undefined {
  const known = BY_NAME.get(name.trim().toLowerCase());
  if (known) return known;
  if (!INTERACTION_TYPE_NAMES.has(name) || NOT_BY_NAME.has(name)) return undefined;
  const type = name as InteractionType;
  return type === 'purchase' || type === 'refund' ? { type, isOrder: true } : { type };
}
