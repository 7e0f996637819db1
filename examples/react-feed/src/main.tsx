import { TrackingProvider } from '@turnout/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import './style.css';
import { tracker } from './tracker.ts';

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <TrackingProvider tracker={tracker}>
      <App />
    </TrackingProvider>
  </StrictMode>,
);
