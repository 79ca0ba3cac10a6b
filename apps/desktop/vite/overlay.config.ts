import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const source = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** The page for OBS, which the overlay server serves. */
export default defineConfig({
  root: source('src/overlay/overlay-page'),
  plugins: [react()],
  build: {
    outDir: source('dist/overlay'),
    emptyOutDir: true,
    // That of OBS 28, the oldest with obs-websocket v5.
    target: 'chrome103',
    license: { fileName: 'THIRD_PARTY_LICENSES.md' },
    // The content security policy allows files of this origin only, no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
