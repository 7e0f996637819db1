/** So many records are handled in about 2 ms. */
export const RECORDS_A_TURN = 1_000;

/**
 * Lets what waits have its turn, in the middle of a loop over a whole segment: a batch that comes meanwhile would be
 * answered a tenth of a second later.
 */
export const giveWay = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
