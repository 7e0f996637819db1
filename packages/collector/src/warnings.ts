/** What is taken all the same, but counted: someone should look into it. */
export type WarningCode =
  /** A field that this collector does not know; it is left out. */
  | 'unknown_field'
  /** The metadata that the catalogue asks for is not there. */
  | 'missing_metadata'
  /** A page's address, title … that did not fit; it is cut or left out. */
  | 'invalid_context'
  /** A well-known prop that does not fit its column; it stays in `props`. */
  | 'invalid_prop'
  /** A key of `props` such as `__proto__`; it is left out. */
  | 'unsafe_key'
  /** A key of `props` with a dot or an unprintable character; it goes by another name. */
  | 'renamed_key'
  /** A number in `props` that JavaScript rounds; it is kept as text. */
  | 'rounded_number'
  /** It says to have happened after it was sent: the sender's clock was put back since; it counts for when it came. */
  | 'clock_put_back'
  /** A Segment message without `messageId`: a retry of it would count again. */
  | 'missing_message_id';

/** Takes note of one warning. */
export type Warn = (code: WarningCode) => void;

/** Counts warnings in a map: code → how many. */
export const countIn =
  (warnings: Map<WarningCode, number>): Warn =>
  (code) => {
    warnings.set(code, (warnings.get(code) ?? 0) + 1);
  };
