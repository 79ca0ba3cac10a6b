// When the tokens of a text were said, by what the decoder listened to while it said them.
#pragma once

#include <vector>

namespace saywire {

struct TextAttention {
  std::vector<float> weights;  // by head, position and token
  int positions = 0;           // of 20 ms
  int tokens = 0;
  int first_row = 0;  // the token that says the first of the text; the last says nothing
};

struct Span {
  int begin_ms = 0;
  int end_ms = 0;
};

// Of each token of the text. Only the positions before `heard` hold audio. Empty where the weights are.
std::vector<Span> TokenSpans(const TextAttention& attention, int heard);

}  // namespace saywire
