import { builtinModules } from 'node:module'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const source = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

/**
 * The main process and the two children that it starts. All in one folder, since each finds the
 * others beside itself. Everything is bundled but what is native: a packaged app has no node_modules.
 */
export default defineConfig({
  root: source('.'),
  publicDir: false,
  ssr: { noExternal: true, external: ['electron', 'naudiodon', '@napi-rs/whisper'] },
  build: {
    ssr: true,
    outDir: 'dist/main',
    emptyOutDir: true,
    target: 'node24',
    minify: false,
    rolldownOptions: {
      external: ['electron', 'naudiodon', '@napi-rs/whisper', ...builtinModules, /^node:/],
      input: {
        main: source('src/main/main.ts'),
        'capture-process': source('src/capture/capture-process.ts'),
        'whisper-child': source('../../packages/speech/src/whisper/decoding/whisper-child.ts'),
      },
      output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
})
