import { expect, test } from 'vitest';
import { daysUntil, ticketProps } from './ticket-link.ts';

test.each([
  ['2026-11-21', 0],
  ['2026-11-22', 1],
  ['2026-11-28T20:00:00-06:00', 7],
  ['2026-11-20', -1],
  ['2027-11-21', 365],
  ['soon', undefined],
  ['', undefined],
])('until %s it is %s days', (date, days) => {
  expect(daysUntil(date, new Date(2026, 10, 21, 23, 59))).toBe(days);
  expect(daysUntil(date, new Date(2026, 10, 21, 0, 0))).toBe(days);
});

test('a ticket link says who sells, without what is personal in the address', () => {
  const link = { href: 'https://www.tickets.example/e/123456789/ann@example.com?token=secret#seats' };

  expect(ticketProps(link, { priceMin: 25, priceMax: 60, eventDate: '1999-12-31' })).toEqual({
    ticket_url: 'https://www.tickets.example/e/123456789/[email]',
    ticket_provider: 'tickets.example',
    price_min: 25,
    price_max: 60,
    event_date: '1999-12-31',
    days_until_event: expect.any(Number),
  });
});

test.each(['mailto:ann@example.com', 'javascript:void(0)', 'no address', ''])(
  'an address like "%s" says nothing',
  (address) => {
    expect(ticketProps(address)).toEqual({});
    expect(ticketProps(address, { provider: 'Box office' })).toEqual({ ticket_provider: 'Box office' });
  },
);
