export interface Friend {
  id: string;
  name: string;
  hue: number;
  /** What they like, as their card says it. */
  taste: string;
}

export const FRIENDS: readonly Friend[] = [
  { id: 'fan-11', name: 'Ines', hue: 285, taste: 'Indie, front row' },
  { id: 'fan-12', name: 'Tomasz', hue: 155, taste: 'Folk and a quiet bar' },
  { id: 'fan-13', name: 'Priya', hue: 20, taste: 'Warehouse nights' },
];

/** Who this is when signed in. */
export const ME = { id: 'fan-7', name: 'Sam', city: 'Austin' };
