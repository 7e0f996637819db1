/**
 * What the calendar does itself: opens the dialog of a concert, and remembers what a visitor marked.
 * Clicks, impressions and time are measured by the data-track attributes, without a line here.
 */

// Calls made before the tracker has loaded wait in a queue; where it is blocked, they do no harm.
window.turnout ??= (...call) => {
  turnout.q ??= [];
  turnout.q.push(call);
};

const dialog = document.querySelector('#details');
const find = (selector) => dialog.querySelector(selector);
const marks = new Set(JSON.parse(localStorage.getItem('marks') ?? '[]'));

for (const button of document.querySelectorAll('.card h3 button')) {
  button.addEventListener('click', () => open(button.closest('.card')));
}
for (const button of dialog.querySelectorAll('.toggle')) {
  button.dataset.type = button.dataset.track;
  button.addEventListener('click', () => toggle(button));
}
// A click beside the dialog lands on the dialog itself.
dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());

function open(card) {
  const event = card.dataset.trackImpression;
  dialog.dataset.poster = card.dataset.poster;
  find('h2').textContent = card.querySelector('h3').textContent;
  for (const part of ['.poster', '.facts', '.title', '.about']) {
    find(part).innerHTML = card.querySelector(part).innerHTML;
  }
  find('ol').replaceChildren(
    ...card.dataset.setlist.split(' | ').map((song) => {
      const item = document.createElement('li');
      item.textContent = song;
      return item;
    }),
  );
  const tickets = card.querySelector('.tickets').cloneNode(true);
  tickets.dataset.trackSurface = 'event_modal';
  find('.tickets')?.remove();
  find('.actions').append(tickets);

  // What the dialog is about now. The tracker notices, and starts its clock when the dialog shows.
  for (const name of ['ArtistId', 'ArtistName', 'VenueId', 'VenueName', 'Genre', 'EventDate']) {
    dialog.dataset[`trackProp${name}`] = card.dataset[`trackProp${name}`];
  }
  dialog.dataset.trackBoolHasSetlist = dialog.dataset.trackBoolHasTicketUrls = 'true';
  dialog.dataset.trackDuration = event;
  find('[data-type="interest"]').dataset.trackEntity = event;
  find('[data-type="follow"]').dataset.trackEntity = `artist:${card.dataset.trackPropArtistId}`;
  for (const button of dialog.querySelectorAll('.toggle')) show(button);
  dialog.showModal();
}

function toggle(button) {
  const { type, trackEntity: entity } = button.dataset;
  const mark = `${type} ${entity}`;
  // Marking is recorded by the button's data-track. Taking it back counts −1, which takes a call.
  if (marks.delete(mark)) turnout('track', type, { entity, surface: 'event_modal', undo: true });
  else marks.add(mark);
  localStorage.setItem('marks', JSON.stringify([...marks]));
  show(button);
}

function show(button) {
  const { type, trackEntity, on, off } = button.dataset;
  const isOn = marks.has(`${type} ${trackEntity}`);
  button.textContent = isOn ? on : off;
  button.setAttribute('aria-pressed', isOn);
  if (isOn) delete button.dataset.track;
  else button.dataset.track = type;
}
