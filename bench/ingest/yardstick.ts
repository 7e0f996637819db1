import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The least that any collector does: a bare Node server, in a process of its own, that parses each body and answers. */
export function startYardstick(): Promise<{ port: number; stop(): void }> {
  const child = fork(fileURLToPath(new URL('./bare-server.mjs', import.meta.url)));
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The bare server ended with ${code}.`)));
    child.once('message', (port) => resolve({ port: Number(port), stop: () => void child.kill() }));
  });
}
