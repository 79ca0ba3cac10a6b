// Stands in for the capture process in tests of its watchdog. The device names what it does:
// <frames>:<then>, with `then` one of stall, hang, crash, fail.
const { device } = JSON.parse(process.argv[2])
const [frames, then] = String(device).split(':')
process.stderr.write('ALSA lib noise that no user should see\n')
process.stdout.write('PortAudio V19\n')
process.on('disconnect', () => process.exit(0))
process.send({ type: 'opened', deviceName: device })
for (let i = 0; i < Number(frames); i++) {
  process.send({ type: 'audio', pcm: new Uint8Array(640).fill(i + 1) })
}
if (then === 'crash') process.send({ type: 'gap', durationMs: 0 }, () => process.abort())
if (then === 'fail') {
  const sentence = 'There is no microphone.'
  process.send({ type: 'failed', code: 'no_microphone', sentence, cause: 'PortAudio says so' })
}
if (then === 'hang') {
  process.send({ type: 'gap', durationMs: 0 }, () => {
    for (;;);
  })
}
