import { useTrack } from '@turnout/react';
import type { Entity, Props } from '@turnout/sdk';
import { createContext, type ReactNode, useContext, useState } from 'react';

/** Something in the cart. */
export interface Line {
  entity: Entity;
  title: string;
  price: number;
  quantity: number;
  /** Facts that go with everything recorded about it. */
  props: Props;
}

type Cart = [lines: readonly Line[], setLines: (lines: readonly Line[]) => void];
const Context = createContext<Cart>([[], () => {}]);

/** Remembers, until the page is left, what is going to be bought. */
export function CartProvider({ children }: { children: ReactNode }) {
  return <Context value={useState<readonly Line[]>([])}>{children}</Context>;
}

/** The cart. What goes in and out is recorded with where that happened. */
export function useCart() {
  const track = useTrack();
  const [lines, setLines] = useContext(Context);
  const has = (entity: Entity) => lines.some((it) => it.entity === entity);
  return {
    lines,
    has,
    total: totalOf(lines),
    add(line: Line) {
      if (has(line.entity)) return;
      setLines([...lines, line]);
      track('cart_add', detailsOf(line));
    },
    remove(line: Line) {
      setLines(lines.filter((it) => it !== line));
      track('cart_remove', detailsOf(line));
    },
    setQuantity: (line: Line, quantity: number) =>
      setLines(lines.map((it) => (it === line ? { ...line, quantity } : it))),
    clear: () => setLines([]),
  };
}

const totalOf = (lines: readonly Line[]) =>
  lines.reduce((sum, { price, quantity }) => sum + price * quantity, 0);

/** A line as money, in the tracker's words. */
export const detailsOf = ({ entity, price, quantity, props }: Line) => ({
  entity,
  value: price * quantity,
  currency: 'USD',
  quantity,
  props,
});
