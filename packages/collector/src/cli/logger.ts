import { type DestinationStream, type Logger, pino } from 'pino';

/** What JSON leaves as it is and a terminal obeys: the upper control characters, line ends, changes of direction. */
const UNSAFE = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** One line of JSON an entry. Whatever a stranger sent, it steers neither the terminal nor the file of who reads it. */
export function createLogger(level: string, destination: DestinationStream): Logger {
  return pino({ name: 'turnout', level }, { write: (line) => destination.write(escaped(line)) });
}

const escaped = (line: string) =>
  line.replace(UNSAFE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
