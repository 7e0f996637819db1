import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { cleanUp, startNetwork } from '../fake-collector.ts';
import { aVisit } from '../recorded.test-helper.ts';
import { formSubmits } from './forms.ts';

beforeAll(startNetwork);
afterEach(cleanUp);

function aForm(attributes: string, fields = '') {
  const visit = aVisit();
  document.body.innerHTML = `
    <section data-track-entity="event:42" data-track-surface="event_modal">
      <form ${attributes}>
        <input name="email" value="ann@example.com"><input type="hidden" name="token" value="secret">
        <textarea>secret</textarea><select><option>secret</option></select>${fields}
        <button>Send</button>
      </form>
    </section>`;
  const form = document.querySelector('form') as HTMLFormElement;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    event.stopPropagation();
  });
  const send = () => document.querySelector('button')?.click();
  return { ...visit, form, send };
}

test('records that a form was sent, and nothing of what is in it', async () => {
  const { tracker, recorded, send, collector } = aForm('id="newsletter"');
  const stop = formSubmits(tracker);

  send();
  stop();
  send();

  expect(await recorded()).toMatchObject([
    {
      type: 'form_submit',
      entity_type: 'event',
      entity_id: '42',
      surface: 'event_modal',
      props: { form: 'newsletter', field_count: 3 },
    },
  ]);
  expect(collector.attempts[0]?.text).not.toMatch(/secret|ann@/);
});

test('a field named "name" or "id" is not the name of the form', async () => {
  const { tracker, recorded, send } = aForm('name="signup"', '<input name="name"><input name="id">');
  formSubmits(tracker);

  send();

  expect(await recorded()).toMatchObject([{ props: { form: 'signup', field_count: 5 } }]);
});

test('measures from the first field somebody went into', async () => {
  const { tracker, recorded, form, send } = aForm('id="review"');
  formSubmits(tracker);
  let time = 1_000;
  vi.spyOn(Event.prototype, 'timeStamp', 'get').mockImplementation(() => time);

  await userEvent.click(form.querySelector('input') as HTMLElement);
  time = 9_000;
  await userEvent.click(form.querySelector('textarea') as HTMLElement);
  time = 33_000;
  send();
  send();

  expect((await recorded()).map(({ props }) => props?.time_to_complete_seconds)).toEqual([32, undefined]);
});

test('a form that the browser finds invalid was not sent', async () => {
  const { tracker, recorded, send } = aForm('id="f"', '<input required>');
  formSubmits(tracker);

  send();

  expect(await recorded()).toEqual([]);
});
