/** The JSON objects of a body that has one a line, as they arrive. One that breaks off ends: the last line says whether all was said. */
export async function* readLines(body: ReadableStream<Uint8Array>): AsyncGenerator<object> {
  let rest = '';
  // A stream of text decodes what is cut in the middle of a character.
  const texts = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await texts.read().catch(() => ({ done: true, value: undefined }));
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as object;
  }
}
