import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished as ofTheOnlyTest } from 'vitest';

/** What a ClickHouse server does when it is not well. */
export type Fault =
  | 'none'
  /** The connection breaks. */
  | 'down'
  /** It takes the statement, carries it out, and the answer never arrives. */
  | 'mute'
  /** It answers, late. */
  | 'slow'
  /** Inserts wait until there is another fault, or none. */
  | 'held'
  /** An error of the server, by its number. */
  | { code: number; message: string };

/** Longer than a segment takes to be sealed: the next ones queue up behind. */
const SLOW_MS = 2_500;

/**
 * A proxy before a real engine: everything passes through, or fails as a server in trouble would. A test beside others
 * says how it hears of its own end.
 */
export async function aDatabaseProxy(target: () => string, onTestFinished = ofTheOnlyTest) {
  let fault: Fault = 'none';
  const held: (() => void)[] = [];
  const blocks: { address: string; body: string }[] = [];
  function record(incoming: IncomingMessage): void {
    const block = { address: incoming.url ?? '', body: '' };
    blocks.push(block);
    incoming.on('data', (chunk) => {
      block.body += chunk;
    });
  }
  // A look-up carries its ids in the address, as a real server allows.
  const server = createServer({ maxHeaderSize: 1024 * 1024 }, (incoming, outgoing) => {
    if (fault === 'down') {
      incoming.socket.destroy();
      return;
    }
    const statement = new URL(incoming.url ?? '/', 'http://proxy').searchParams.get('query');
    const isInsert = statement?.startsWith('INSERT INTO turnout.') ?? false;
    if (typeof fault === 'object' && isInsert) {
      incoming.resume();
      incoming.on('end', () => refuse(outgoing, fault as Exclude<Fault, string>));
      return;
    }
    const isMute = fault === 'mute' && isInsert;
    const passed = forward(
      `${target()}${incoming.url}`,
      { method: incoming.method, headers: incoming.headers },
      (answer) => {
        if (isMute) {
          answer.resume();
          answer.on('end', () => outgoing.destroy());
          return;
        }
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      },
    );
    passed.on('error', () => outgoing.destroy());
    const pass = () => {
      if (statement?.startsWith('INSERT INTO turnout.interactions ')) record(incoming);
      incoming.pipe(passed);
    };
    if (fault === 'held' && isInsert) held.push(pass);
    else setTimeout(pass, fault === 'slow' && isInsert ? SLOW_MS : 0);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The blocks of interactions that passed, in order. */
    blocks,
    held: () => held.length,
    setFault(next: Fault) {
      fault = next;
      for (const pass of held.splice(0)) pass();
    },
  };
}

function refuse(response: ServerResponse, { code, message }: { code: number; message: string }): void {
  response.writeHead(500, { 'X-ClickHouse-Exception-Code': String(code) });
  response.end(`Code: ${code}. DB::Exception: ${message}. (SOME_NAME) (version 26.7.2.1)\n`);
}
