// Which languages a model knows, and which of them it hears.
#include <whisper.h>

#include <algorithm>
#include <cmath>

#include "model.h"

namespace saywire {
namespace {

// What the vocabulary holds besides languages, as in whisper.cpp's num_languages().
constexpr int kOtherTokens = 51766;

// Models before large-v3 know one language less than whisper.cpp: what it takes for the token of the
// last one, Cantonese, is theirs for "translate".
int LanguageCount(whisper_context* context) {
  if (!whisper_is_multilingual(context)) return 1;
  return std::min(whisper_model_n_vocab(context) - kOtherTokens, whisper_lang_max_id() + 1);
}

}  // namespace

std::string Model::Refusal(const TranscribeOptions& options) const {
  const auto& language = options.language;
  if (!multilingual()) {
    if (language != "en") return "the model knows only English, not \"" + language + "\"";
    if (options.translate) return "the model knows only English and cannot translate";
    if (options.detect) return "the model knows only English: there is nothing to detect";
    return "";
  }
  if (language == "auto" || whisper_lang_id(language.c_str()) >= 0) return "";
  return "Whisper does not know the language \"" + language + "\"";
}

// Older models were taught Cantonese as Chinese.
std::string Model::LanguageFor(const std::string& language) const {
  if (language == "auto" || whisper_lang_id(language.c_str()) < LanguageCount(context_)) {
    return language;
  }
  return "zh";
}

Outcome Model::DetectLanguage(const std::vector<float>& samples, const TranscribeOptions& options,
                              const std::atomic<bool>& abort,
                              std::vector<LanguageGuess>* guesses) {
  // A decode of one token. Unlike whisper_lang_auto_detect() it can be aborted while it encodes, and
  // has the window that it is told, not that of the decode before.
  auto shortest = options;
  shortest.language = "en";
  shortest.translate = false;
  shortest.prompt.clear();
  shortest.single_segment = true;
  shortest.token_timestamps = false;
  shortest.fallback = false;
  shortest.max_tokens = 1;
  shortest.detect = true;
  Transcript transcript;
  const auto outcome = Transcribe(samples, shortest, abort, &transcript);
  *guesses = std::move(transcript.guesses);
  return outcome;
}

// The text decoder's first step on what is encoded already: no encoding of its own, a few ms.
std::vector<LanguageGuess> Model::GuessLanguages(int threads) {
  const whisper_token start = whisper_token_sot(context_);
  if (whisper_decode(context_, &start, 1, 0, threads) != 0) return {};
  const float* logits = whisper_get_logits(context_);
  std::vector<LanguageGuess> guesses;
  const int count = LanguageCount(context_);
  for (int id = 0; id < count; ++id) {
    guesses.push_back({whisper_lang_str(id), logits[whisper_token_lang(context_, id)]});
  }
  const auto surer = [](const auto& a, const auto& b) { return a.p > b.p; };
  std::sort(guesses.begin(), guesses.end(), surer);
  const float best = guesses.front().p;
  float sum = 0;
  for (auto& guess : guesses) sum += guess.p = std::exp(guess.p - best);
  for (auto& guess : guesses) guess.p /= sum;
  return guesses;
}

}  // namespace saywire
