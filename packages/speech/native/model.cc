#include "model.h"

#include <whisper.h>

#include <algorithm>

#include "gpu.h"
#include "loops.h"

// Of the next whisper_full() in this thread (patched-whisper.cmake).
void whisper_set_draft(std::vector<whisper_token> tokens);
// What each token of a text listened to in what was encoded last, by head, position and token; empty where
// the model has no known alignment heads.
void whisper_text_attention(whisper_context* context, const std::vector<whisper_token>& tokens,
                            int threads, std::vector<float>& weights, int& positions);

namespace saywire {
namespace {

// Tokens. Longer text has none: whisper.cpp takes all of it or nothing.
constexpr int kLongestDraft = 128;

// whisper.cpp counts time in these.
constexpr int kMsPerTick = 10;
// 20 ms.
constexpr int kSamplesPerPosition = 320;
constexpr int kWholeWindow = 1500 * kSamplesPerPosition;

void DropLog(ggml_log_level, const char*, void*) {}

// Bytes that the last character of `text` still lacks; 0 where it ends on a whole one.
int MissingUtf8Bytes(const std::string& text) {
  int continuation = 0;
  for (auto it = text.rbegin(); it != text.rend() && continuation < 4; ++it) {
    const auto byte = static_cast<unsigned char>(*it);
    if (byte < 0x80) return 0;
    if (byte < 0xC0) {
      ++continuation;
      continue;
    }
    const int wanted = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : 1;
    return std::max(0, wanted - continuation);
  }
  return 0;
}

}  // namespace

std::unique_ptr<Model> Model::Load(const std::string& path, bool use_gpu) {
  whisper_log_set(DropLog, nullptr);
  auto params = whisper_context_default_params();
  auto gpu = use_gpu ? UsableGpu() : std::string();
  params.use_gpu = !gpu.empty();
  auto* context = whisper_init_from_file_with_params(path.c_str(), params);
  return std::unique_ptr<Model>(context ? new Model(context, std::move(gpu)) : nullptr);
}

Model::~Model() { whisper_free(context_); }

bool Model::multilingual() const { return whisper_is_multilingual(context_) != 0; }

Outcome Model::Transcribe(const std::vector<float>& samples, const TranscribeOptions& options,
                          const std::atomic<bool>& abort, Transcript* transcript) {
  auto params = whisper_full_default_params(WHISPER_SAMPLING_GREEDY);
  params.print_progress = params.print_realtime = params.print_timestamps = false;
  params.n_threads = options.threads;
  const auto language = LanguageFor(options.language);
  params.language = language.c_str();
  params.translate = options.translate;
  params.initial_prompt = options.prompt.empty() ? nullptr : options.prompt.c_str();
  params.audio_ctx = options.audio_ctx;
  params.token_timestamps = options.token_timestamps;
  params.single_segment = options.single_segment;
  params.no_context = options.no_context;
  // Never suppress_nst: without its way to say "[music]" the model invents words instead.
  params.suppress_nst = false;
  if (!options.fallback) params.temperature_inc = 0;
  params.max_tokens = options.max_tokens;
  LoopWatch loop{whisper_token_eot(context_), options.loop_tokens};
  if (options.loop_tokens > 0) {
    params.logits_filter_callback = EndLoops;
    params.logits_filter_callback_user_data = &loop;
  }
  params.abort_callback = [](void* flag) {
    return static_cast<const std::atomic<bool>*>(flag)->load(std::memory_order_relaxed);
  };
  params.abort_callback_user_data = const_cast<std::atomic<bool>*>(&abort);

  whisper_set_draft(DraftOf(options.draft));
  const int failed =
      whisper_full(context_, params, samples.data(), static_cast<int>(samples.size()));
  if (abort.load()) return Outcome::kAborted;
  if (failed) return Outcome::kFailed;
  transcript->looped = loop.found;
  transcript->language = whisper_lang_str(whisper_full_lang_id(context_));
  if (options.detect) transcript->guesses = GuessLanguages(options.threads);
  auto text = TextTokens();
  if (options.aligned) {
    const auto spans = Align(text, static_cast<int>(samples.size()), options.threads);
    transcript->aligned = !spans.empty();
    for (size_t i = 0; i < spans.size(); ++i) {
      text[i].t0 = spans[i].begin_ms / kMsPerTick;
      text[i].t1 = spans[i].end_ms / kMsPerTick;
    }
  }
  transcript->tokens = ReadTokens(text);
  return Outcome::kDone;
}

std::vector<int32_t> Model::DraftOf(const std::string& text) const {
  if (text.empty()) return {};
  // Before its words the decoder says when they begin.
  std::vector<whisper_token> tokens(1 + kLongestDraft);
  tokens[0] = whisper_token_beg(context_);
  const int count = whisper_tokenize(context_, text.c_str(), tokens.data() + 1, kLongestDraft);
  tokens.resize(1 + std::max(0, count));
  return tokens;
}

std::vector<whisper_token_data> Model::TextTokens() const {
  std::vector<whisper_token_data> text;
  const whisper_token first_special = whisper_token_eot(context_);
  const int segments = whisper_full_n_segments(context_);
  for (int segment = 0; segment < segments; ++segment) {
    const int count = whisper_full_n_tokens(context_, segment);
    for (int i = 0; i < count; ++i) {
      const auto data = whisper_full_get_token_data(context_, segment, i);
      if (data.id < first_special) text.push_back(data);
    }
  }
  return text;
}

std::vector<Span> Model::Align(const std::vector<whisper_token_data>& text, int samples,
                               int threads) {
  if (text.empty() || samples > kWholeWindow) return {};
  std::vector<whisper_token> tokens = {whisper_token_sot(context_)};
  if (multilingual()) {
    tokens.push_back(whisper_token_lang(context_, whisper_full_lang_id(context_)));
    tokens.push_back(whisper_token_transcribe(context_));
  }
  auto& attention = aligner_.attention;
  attention.first_row = static_cast<int>(tokens.size());
  tokens.push_back(whisper_token_not(context_));
  for (const auto& token : text) tokens.push_back(token.id);
  tokens.push_back(whisper_token_eot(context_));
  attention.tokens = static_cast<int>(tokens.size());
  whisper_text_attention(context_, tokens, threads, attention.weights, attention.positions);
  return aligner_.Spans(samples / kSamplesPerPosition);
}

std::vector<Token> Model::ReadTokens(const std::vector<whisper_token_data>& text) const {
  std::vector<Token> tokens;
  bool incomplete = false;
  for (const auto& data : text) {
    const char* written = whisper_token_to_str(context_, data.id);
    if (incomplete) {
      auto& last = tokens.back();
      last.text += written;
      last.p = std::min(last.p, data.p);
      last.logp += data.plog;
      last.parts += 1;
      last.t1_ms = data.t1 * kMsPerTick;
    } else {
      tokens.push_back({written, data.p, data.plog, 1, data.t0 * kMsPerTick,
                        data.t1 * kMsPerTick});
    }
    incomplete = MissingUtf8Bytes(tokens.back().text) > 0;
  }
  return tokens;
}

}  // namespace saywire
