import { Track, TrackList } from '@turnout/react';
import { VideoAd } from '../sponsored/video-ad.tsx';

const NEWS = [
  {
    id: 'n-1',
    title: 'The Mohawk adds a balcony',
    text: 'Forty more seats from March on, with a view over the creek.',
  },
  { id: 'n-2', title: 'Night Market plays until sunrise', text: 'The warehouse got its late licence back.' },
  { id: 'n-3', title: 'Delia Frost records in Austin', text: 'Six songs in four days, on tape.' },
];

export function News() {
  return (
    <TrackList id="news" surface="news">
      <div className="feed">
        {NEWS.map(({ id, title, text }) => (
          <Track key={id} entity={`news:${id}`} impression click>
            <article className="card note">
              <strong>{title}</strong>
              <p>{text}</p>
            </article>
          </Track>
        ))}
        <VideoAd />
      </div>
    </TrackList>
  );
}
