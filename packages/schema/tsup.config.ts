import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    wire: 'src/wire.ts',
    catalog: 'src/catalog-entry.ts',
    erase: 'src/erase.ts',
    migrate: 'src/migrate.ts',
    train: 'src/train.ts',
    verify: 'src/verify.ts',
  },
  format: ['esm'],
  target: 'es2022',
  platform: 'neutral',
  dts: true,
  clean: true,
  external: ['zod', /^node:/],
});
