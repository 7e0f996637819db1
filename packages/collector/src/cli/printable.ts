/** What a visitor sent must not steer the terminal of whoever reads it. What was JSON stays the same JSON. */
export const printable = (text: string): string => text.replace(/\p{Cc}/gu, escaped);

/** JSON itself leaves those behind the ASCII range as they are, and terminals obey some of them. */
const escaped = (char: string) =>
  char < ' ' ? JSON.stringify(char).slice(1, -1) : `\\u00${char.charCodeAt(0).toString(16)}`;
