import { createServer } from 'node:http';

// Nothing is checked, enriched or kept: what this costs, parsing costs everywhere.
const server = createServer((request, response) => {
  /** @type {Buffer[]} */
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const { interactions } = JSON.parse(Buffer.concat(chunks).toString());
    const answer = JSON.stringify({ accepted: interactions.length, rejected: [] });
    response.writeHead(202, { 'Content-Type': 'application/json', 'Content-Length': answer.length });
    response.end(answer);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' ? address?.port : 0);
});
process.once('disconnect', () => process.exit(0));
