export * from './scripted-engine.ts'
