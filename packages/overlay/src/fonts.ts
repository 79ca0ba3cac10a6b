// The fonts of BUNDLED_FONTS. A browser fetches only what a page shows.
import '@fontsource-variable/atkinson-hyperlegible-next/wght.css'
import '@fontsource-variable/inter/wght.css'
import '@fontsource-variable/nunito/wght.css'
import '@fontsource/opendyslexic/400.css'
import '@fontsource/opendyslexic/700.css'
