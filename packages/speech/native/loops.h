// Text that goes in circles.
#pragma once

#include <whisper.h>

namespace saywire {

// What the decoder's callback needs, and what it finds.
struct LoopWatch {
  whisper_token end;  // that ends a text; the tokens of words are below it
  int from_tokens;    // text may repeat itself before
  bool found = false;
};

// A whisper_logits_filter_callback; `watch` is a LoopWatch. Where the last words are those just before
// once more, nothing but the end may follow.
void EndLoops(whisper_context* context, whisper_state* state, const whisper_token_data* tokens,
              int count, float* logits, void* watch);

}  // namespace saywire
