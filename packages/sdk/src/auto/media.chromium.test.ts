import { afterEach, beforeAll, expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { cleanUp, startNetwork } from '../fake-collector.ts';
import { aVisit } from '../recorded.test-helper.ts';
import { mediaPlays } from './media.ts';

beforeAll(async () => {
  await startNetwork();
  // A browser plays nothing to somebody who has not touched the page.
  document.body.innerHTML = '<button>Play</button>';
  await userEvent.click(document.querySelector('button') as HTMLElement);
});
afterEach(cleanUp);

const RATE = 8_000;

/** Silence that a browser plays: a WAV file of so many seconds. */
function aSound(seconds: number): string {
  const bytes = seconds * RATE;
  const view = new DataView(new ArrayBuffer(44 + bytes));
  const text = (at: number, chars: string) => {
    for (let n = 0; n < chars.length; n++) view.setUint8(at + n, chars.charCodeAt(n));
  };
  text(0, 'RIFF');
  view.setUint32(4, 36 + bytes, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // mono
  view.setUint32(24, RATE, true);
  view.setUint32(28, RATE, true);
  view.setUint16(32, 1, true);
  view.setUint16(34, 8, true);
  text(36, 'data');
  view.setUint32(40, bytes, true);
  for (let n = 44; n < view.byteLength; n++) view.setUint8(n, 128);
  return URL.createObjectURL(new Blob([view.buffer], { type: 'audio/wav' }));
}

function anAudio(seconds: number): HTMLAudioElement {
  document.body.innerHTML = '<div data-track-entity="artist:7"><audio muted></audio></div>';
  const audio = document.querySelector('audio') as HTMLAudioElement;
  audio.muted = true;
  audio.src = aSound(seconds);
  return audio;
}

const heard = (audio: HTMLAudioElement, type: string) =>
  new Promise((resolve) => audio.addEventListener(type, resolve, { once: true }));

test('records the start and each quarter once, with what was played', async () => {
  const { tracker, recorded } = aVisit();
  const stop = mediaPlays(tracker);
  const audio = anAudio(0.6);

  for (let n = 0; n < 2; n++) {
    const ended = heard(audio, 'ended');
    await audio.play();
    await ended;
  }
  stop();

  const plays = await recorded();
  expect(plays.map(({ type, props }) => [type, props?.quartile])).toEqual(
    [0, 25, 50, 75, 100].map((quartile) => ['media_play', quartile]),
  );
  expect(plays[0]).toMatchObject({
    entity_type: 'artist',
    entity_id: '7',
    part: 0,
    props: { media: 'audio', is_muted: true, length_seconds: 1 },
  });
  expect(new Set(plays.map(({ view_id }) => view_id)).size).toBe(1);
  const played = plays.reduce((sum, { duration_ms = 0 }) => sum + duration_ms, 0);
  expect(played).toBeGreaterThan(580);
  expect(played).toBeLessThan(620);
});

test('what was skipped was not played', async () => {
  const { tracker, recorded } = aVisit();
  mediaPlays(tracker);
  const audio = anAudio(4);

  const loaded = heard(audio, 'loadedmetadata');
  await loaded;
  const sought = heard(audio, 'seeked');
  audio.currentTime = 3.6;
  await sought;
  const ended = heard(audio, 'ended');
  await audio.play();
  await ended;

  expect((await recorded()).map(({ props }) => props?.quartile)).toEqual([0]);
});

test('another source in the same element starts anew, and a seek alone starts nothing', async () => {
  const { tracker, recorded } = aVisit();
  mediaPlays(tracker);
  const audio = anAudio(0.3);

  for (const source of [audio.src, aSound(0.3)]) {
    const loaded = heard(audio, 'loadedmetadata');
    audio.src = source;
    await loaded;
    const sought = heard(audio, 'seeked');
    audio.currentTime = 0;
    await sought;
    const ended = heard(audio, 'ended');
    await audio.play();
    await ended;
  }

  const loaded = heard(audio, 'loadedmetadata');
  audio.src = aSound(0.3);
  await loaded;
  const sought = heard(audio, 'seeked');
  audio.currentTime = 0.1;
  await sought;

  const plays = await recorded();
  expect(plays.filter(({ props }) => props?.quartile === 0)).toHaveLength(2);
  expect(new Set(plays.map(({ view_id }) => view_id)).size).toBe(2);
});

test('tells nothing after it was stopped', async () => {
  const { tracker, recorded } = aVisit();
  mediaPlays(tracker)();
  const audio = anAudio(0.2);

  const ended = heard(audio, 'ended');
  await audio.play();
  await ended;

  expect(await recorded()).toEqual([]);
});
