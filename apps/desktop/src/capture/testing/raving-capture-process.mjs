// Stands in for a capture process whose memory a driver has spoiled.
for (const told of [null, 7, 'audio', [], { type: 'audio', pcm: 'loud' }, { type: 'gap' }]) {
  process.send(told)
}
process.send({ type: 'opened', deviceName: 'It is over' }, () => process.exit(0))
