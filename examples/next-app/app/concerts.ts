export const concerts = [
  { id: '42', artist: 'The Lanterns', genre: 'folk', tickets: 'https://tickets.example.com/42' },
  { id: '43', artist: 'Night Ferry', genre: 'jazz', tickets: 'https://tickets.example.com/43' },
];
