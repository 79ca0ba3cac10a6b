// One Whisper model and its decoder state, free of JavaScript. Used by one thread at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "word-times.h"

struct whisper_context;
struct whisper_token_data;

namespace saywire {

struct TranscribeOptions {
  std::string language = "en";  // ISO 639-1, or "auto" on a multilingual model
  bool translate = false;
  std::string prompt;
  std::string draft;      // what the text probably begins with; costs little where it does
  int audio_ctx = 0;  // encoder frames of 20 ms; 0 is the whole window of 30 s
  int threads = 1;
  bool token_timestamps = true;
  bool single_segment = false;
  bool no_context = true;
  bool fallback = true;  // decode again at a higher temperature where the result looks wrong
  int max_tokens = 0;    // 0: as many as it takes
  int loop_tokens = 0;   // from so many on, text that goes in circles is ended; 0: never
  bool detect = false;   // also guess the language
  bool aligned = false;  // place the words by what the decoder listened to, for one more pass
};

// A token, or several that only together are valid UTF-8.
struct Token {
  std::string text;
  float p = 0;      // least probable part
  float logp = 0;   // sum over the parts
  int parts = 1;
  int64_t t0_ms = 0;
  int64_t t1_ms = 0;
};

struct LanguageGuess {
  std::string language;
  float p = 0;
};

struct Transcript {
  std::string language;  // whisper.cpp's code of what was heard or asked for
  std::vector<Token> tokens;
  std::vector<LanguageGuess> guesses;  // surest first; empty where not asked for
  bool looped = false;                 // it went in circles, and was ended
  bool aligned = false;                // its times are those that were asked for
};

enum class Outcome { kDone, kAborted, kFailed };

class Model {
 public:
  // Null where the file is not a Whisper model that can be loaded. `use_gpu`: where there is one.
  static std::unique_ptr<Model> Load(const std::string& path, bool use_gpu);
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  bool multilingual() const;
  // Name of the GPU that is used, or empty.
  const std::string& gpu() const { return gpu_; }

  // Why the model cannot do this, or empty. whisper.cpp itself would not say.
  std::string Refusal(const TranscribeOptions& options) const;

  // Blocks for the whole decode; another thread ends it early by setting `abort`.
  Outcome Transcribe(const std::vector<float>& samples, const TranscribeOptions& options,
                     const std::atomic<bool>& abort, Transcript* transcript);
  // The same for the language alone; of the options, `threads` and `audio_ctx` matter.
  Outcome DetectLanguage(const std::vector<float>& samples, const TranscribeOptions& options,
                         const std::atomic<bool>& abort, std::vector<LanguageGuess>* guesses);

 private:
  Model(whisper_context* context, std::string gpu) : context_(context), gpu_(std::move(gpu)) {}
  std::string LanguageFor(const std::string& language) const;
  // Of what was encoded last.
  std::vector<LanguageGuess> GuessLanguages(int threads);
  std::vector<int32_t> DraftOf(const std::string& text) const;
  // Text tokens in order, as whisper.cpp has them.
  std::vector<whisper_token_data> TextTokens() const;
  // When each was said; empty where the model cannot tell.
  std::vector<Span> Align(const std::vector<whisper_token_data>& text, int samples, int threads);
  std::vector<Token> ReadTokens(const std::vector<whisper_token_data>& text) const;

  whisper_context* context_;
  TokenAligner aligner_;
  std::string gpu_;
};

}  // namespace saywire
