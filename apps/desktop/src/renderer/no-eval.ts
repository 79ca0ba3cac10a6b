import { config } from 'zod'

// The content security policy forbids making code of text, which zod would try before it parses.
config({ jitless: true })
