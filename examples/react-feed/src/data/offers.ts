/** What is sold beside tickets. */
export interface Offer {
  id: string;
  title: string;
  text: string;
  price: number;
  left: number;
}

/** Where an offer stands. */
export type Placement = 'in_event' | 'checkout' | 'post_purchase';

export const OFFERS: Readonly<Record<Placement, Offer>> = {
  in_event: {
    id: 'early-doors',
    title: 'Early doors',
    text: 'In half an hour before everybody else, and a seat by the stage.',
    price: 15,
    left: 24,
  },
  checkout: {
    id: 'parking',
    title: 'Parking next door',
    text: 'A space in the garage across the street until two in the morning.',
    price: 12,
    left: 9,
  },
  post_purchase: {
    id: 'tour-print',
    title: 'The tour print',
    text: 'Numbered, on heavy paper, waiting for you at the door.',
    price: 25,
    left: 120,
  },
};
