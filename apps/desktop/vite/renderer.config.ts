import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const source = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** The window's page, which app://saywire/ serves. */
export default defineConfig({
  plugins: [react()],
  root: source('src/renderer'),
  base: './',
  build: {
    outDir: source('dist/renderer'),
    emptyOutDir: true,
    target: 'chrome142',
    license: { fileName: 'THIRD_PARTY_LICENSES.md' },
    // The content security policy allows files of this origin only, no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
