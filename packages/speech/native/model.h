// One Whisper model and its decoder state, free of JavaScript. Used by one thread at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct whisper_context;

namespace saywire {

struct TranscribeOptions {
  std::string language = "en";  // ISO 639-1, or "auto" on a multilingual model
  bool translate = false;
  std::string prompt;
  int audio_ctx = 0;  // encoder frames of 20 ms; 0 is the whole window of 30 s
  int threads = 1;
  bool token_timestamps = true;
  bool single_segment = false;
  bool no_context = true;
  bool fallback = true;  // decode again at a higher temperature where the result looks wrong
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

struct Segment {
  std::string text;
  int64_t t0_ms = 0;
  int64_t t1_ms = 0;
  float avg_logprob = 0;
  float no_speech_prob = 0;
  std::vector<Token> tokens;
};

struct Transcript {
  std::string language;  // whisper.cpp's code of what was heard or asked for
  std::vector<Segment> segments;
};

enum class Outcome { kDone, kAborted, kFailed };

class Model {
 public:
  // Null where the file is not a Whisper model that can be loaded.
  static std::unique_ptr<Model> Load(const std::string& path);
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  bool multilingual() const;

  // Blocks for the whole decode; another thread ends it early by setting `abort`.
  Outcome Transcribe(const std::vector<float>& samples, const TranscribeOptions& options,
                     const std::atomic<bool>& abort, Transcript* transcript);

 private:
  explicit Model(whisper_context* context) : context_(context) {}
  Segment ReadSegment(int index) const;

  whisper_context* context_;
};

}  // namespace saywire
