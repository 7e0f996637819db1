import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';

export default defineConfig(({ command }) => ({
  // Relative addresses: the built page can be served from any folder.
  base: './',
  plugins: [react()],
  // In development the collector of `npm start` stands behind the same origin.
  server: { proxy: { '/v1': 'http://127.0.0.1:8787' } },
  resolve: {
    // `vite` follows the sources of the packages; `vite build` takes what npm would deliver.
    conditions: [...(command === 'serve' ? ['@turnout/source'] : []), ...defaultClientConditions],
  },
}));
