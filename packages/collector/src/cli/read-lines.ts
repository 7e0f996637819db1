/** The JSON objects of a body that has one a line, as they arrive. */
export async function* readLines(body: ReadableStream<Uint8Array>): AsyncGenerator<object> {
  let rest = '';
  // A stream of text decodes what is cut in the middle of a character.
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as object;
  }
}
