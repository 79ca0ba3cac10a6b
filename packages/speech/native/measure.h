// How fast this machine does what Whisper asks of it, without a model. Blocks for a second or two.
#pragma once

#include <napi.h>

namespace saywire {

/// measure(threads) → a promise of the figures of `MachineMeasure` (fit/machine-measure.ts).
Napi::Value Measure(const Napi::CallbackInfo& info);

}  // namespace saywire
