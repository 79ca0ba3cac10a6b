export * from './scripted-engine.ts'
export * from './fake-deepgram.ts'
export type { FakeDeepgramConnection } from './fake-deepgram-connection.ts'
export type { FakeDeepgramFault } from './fake-deepgram-faults.ts'
