#include "loops.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace saywire {
namespace {

// "no, no, no" is said often, a whole phrase twice in a row seldom.
constexpr int kPhraseTokens = 4;
constexpr int kPhraseTimes = 2;
constexpr int kShortTimes = 4;

bool EndsInLoop(const std::vector<whisper_token>& text) {
  const int count = static_cast<int>(text.size());
  for (int length = 1; length * kPhraseTimes <= count; ++length) {
    const int repeated = length * ((length < kPhraseTokens ? kShortTimes : kPhraseTimes) - 1);
    if (length + repeated > count) continue;
    if (std::equal(text.end() - repeated, text.end(), text.end() - repeated - length)) return true;
  }
  return false;
}

}  // namespace

void EndLoops(whisper_context* context, whisper_state*, const whisper_token_data* tokens, int count,
              float* logits, void* watch) {
  auto& loop = *static_cast<LoopWatch*>(watch);
  if (count < loop.from_tokens) return;
  std::vector<whisper_token> text;
  for (int i = 0; i < count; ++i) {
    if (tokens[i].id < loop.end) text.push_back(tokens[i].id);
  }
  if (!EndsInLoop(text)) return;
  loop.found = true;
  std::fill_n(logits, loop.end, -INFINITY);
  std::fill_n(logits + loop.end + 1, whisper_n_vocab(context) - loop.end - 1, -INFINITY);
}

}  // namespace saywire
