import { builtinModules } from 'node:module'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const source = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** What is native, or Electron's own. */
const UNBUNDLED = [
  'electron',
  'naudiodon',
  'uiohook-napi',
  '@napi-rs/whisper',
  'sherpa-onnx-node',
  // Quicker for thousands of streams; for one, ws does without it.
  'bufferutil',
]

/**
 * The main process and the two children that it starts. All in one folder, since each finds the
 * others beside itself. Everything is bundled but what is native: a packaged app has no node_modules.
 */
export default defineConfig({
  root: source('.'),
  // The icons, beside the code that shows them.
  publicDir: source('assets/icons'),
  ssr: { noExternal: true, external: UNBUNDLED },
  build: {
    ssr: true,
    copyPublicDir: true,
    outDir: 'dist/main',
    emptyOutDir: true,
    target: 'node24',
    minify: false,
    license: { fileName: 'THIRD_PARTY_LICENSES.md' },
    rolldownOptions: {
      external: [...UNBUNDLED, ...builtinModules, /^node:/],
      input: {
        main: source('src/main/main.ts'),
        'key-process': source('src/main/hotkeys/key-process.ts'),
        'capture-process': source('src/capture/capture-process.ts'),
        'whisper-child': source('../../packages/speech/src/whisper/decoding/whisper-child.ts'),
      },
      output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
})
