const RATE = 8_000;
const SECONDS = 4;
const SCALE = [220, 247, 294, 330, 370, 440];

/** A few seconds of music of their own for each artist: a WAV file made of their name. Its address lives as the page. */
export function aPreview(name: string): string {
  const samples = RATE * SECONDS;
  const view = new DataView(new ArrayBuffer(44 + samples));
  const text = (at: number, chars: string) => {
    for (let n = 0; n < chars.length; n++) view.setUint8(at + n, chars.charCodeAt(n));
  };
  text(0, 'RIFF');
  view.setUint32(4, 36 + samples, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // mono
  view.setUint32(24, RATE, true);
  view.setUint32(28, RATE, true);
  view.setUint16(32, 1, true);
  view.setUint16(34, 8, true);
  text(36, 'data');
  view.setUint32(40, samples, true);
  for (let n = 0; n < samples; n++) {
    const beat = Math.floor((n / RATE) * 4);
    const tone = SCALE[name.charCodeAt(beat % name.length) % SCALE.length] ?? 220;
    const fade = 1 - ((n / RATE) * 4 - beat);
    view.setUint8(44 + n, 128 + Math.round(70 * fade * Math.sin((n / RATE) * tone * 2 * Math.PI)));
  }
  return URL.createObjectURL(new Blob([view.buffer], { type: 'audio/wav' }));
}
