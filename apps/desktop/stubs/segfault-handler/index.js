// Stands in for the real package, whose native code is tied to one Node ABI and writes crash.log files.
// naudiodon calls only registerHandler; the capture child is restarted by its watchdog instead.
exports.registerHandler = () => {}
