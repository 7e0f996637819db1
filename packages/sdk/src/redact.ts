import { scrub } from './scrub.ts';

/** Seven digits or more, in the ways people write the numbers of phones and cards. */
const DIGITS = /\+?\d(?:[\s()./-]*\d){6,}/g;
/** The same shape, but people look for shows on it. */
const DATE = /^(?:(?:19|20)\d\d\D\d\d?\D\d\d?|\d\d?\D\d\d?\D(?:19|20)\d\d)$/;

/**
 * Takes e-mail addresses, phone numbers and card numbers out of what somebody typed, also those that are not
 * complete. Dates stay.
 *
 * Stricter than what the tracker does with all texts: there, long numbers are ids and prices.
 *
 * @example
 * redact('seats for ann@example.com, 4111 1111 1111 1111'); // 'seats for [email] [number]'
 */
export const redact = (text: string): string =>
  scrub(text)
    .replace(/[^\s/@]+@[^\s/]*/g, '[email]')
    .replace(DIGITS, (digits) => (DATE.test(digits) ? digits : '[number]'));
