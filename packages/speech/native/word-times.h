// When the tokens of a text were said, by what the decoder listened to while it said them.
#pragma once

#include <cstddef>
#include <cstdint>
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

// Keeps its memory from one text to the next: freed and taken again in ever other sizes it would grow.
class TokenAligner {
 public:
  // What to align: filled anew for each text.
  TextAttention attention;

  // Of each token of the text. Only the positions before `heard` hold audio. Empty where the weights are.
  std::vector<Span> Spans(int heard);

 private:
  enum Step : uint8_t { kBoth, kRow, kColumn };

  float* Row(int row) { return agreement_.data() + static_cast<size_t>(row) * columns_; }
  void Agree();
  std::vector<int> FirstColumns();

  // A row for each token, a column for each position.
  int rows_ = 0;
  int columns_ = 0;
  std::vector<float> agreement_;
  std::vector<Step> steps_;
};

}  // namespace saywire
