// The JavaScript face of model.h; its TypeScript side is src/whisper/library/native-binding.ts.
//   usableGpu() -> string | undefined
//   load(path, { gpu }) -> Promise<Model>
//   model.transcribe(samples, options) -> Promise<Transcript | undefined>   undefined: aborted
//   model.detectLanguage(samples, options) -> Promise<LanguageGuess[] | undefined>
//   model.abort()   model.free()   model.multilingual   model.gpu
// Loading and decoding run on a worker thread of libuv's pool; one decode at a time per model.
#include <napi.h>

#include <algorithm>

#if defined(SAYWIRE_NEEDS_AVX2) && defined(_MSC_VER)
#include <windows.h>
#endif

#include "gpu.h"
#include "measure.h"
#include "model.h"

namespace saywire {
namespace {

// Outlives the JavaScript object while a decode still runs.
struct Shared {
  std::unique_ptr<Model> model;
  std::atomic<bool> abort{false};
  bool busy = false;  // touched on the JavaScript thread only
};

Napi::Array ToJs(Napi::Env env, const std::vector<Token>& tokens) {
  auto all = Napi::Array::New(env, tokens.size());
  for (size_t i = 0; i < tokens.size(); ++i) {
    const auto& token = tokens[i];
    auto out = Napi::Object::New(env);
    out["text"] = Napi::String::New(env, token.text);
    out["p"] = Napi::Number::New(env, token.p);
    out["logp"] = Napi::Number::New(env, token.logp);
    out["parts"] = Napi::Number::New(env, token.parts);
    out["startMs"] = Napi::Number::New(env, static_cast<double>(token.t0_ms));
    out["endMs"] = Napi::Number::New(env, static_cast<double>(token.t1_ms));
    all[static_cast<uint32_t>(i)] = out;
  }
  return all;
}

Napi::Array ToJs(Napi::Env env, const std::vector<LanguageGuess>& guesses) {
  auto out = Napi::Array::New(env, guesses.size());
  for (size_t i = 0; i < guesses.size(); ++i) {
    auto guess = Napi::Object::New(env);
    guess["language"] = Napi::String::New(env, guesses[i].language);
    guess["p"] = Napi::Number::New(env, guesses[i].p);
    out[static_cast<uint32_t>(i)] = guess;
  }
  return out;
}

class TranscribeWorker : public Napi::AsyncWorker {
 public:
  TranscribeWorker(Napi::Env env, std::shared_ptr<Shared> shared, std::vector<float> samples,
                   TranscribeOptions options, bool language_only)
      : AsyncWorker(env),
        deferred_(Napi::Promise::Deferred::New(env)),
        shared_(std::move(shared)),
        samples_(std::move(samples)),
        options_(std::move(options)),
        language_only_(language_only) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

  void Execute() override {
    auto& model = *shared_->model;
    const auto& abort = shared_->abort;
    outcome_ = language_only_
                   ? model.DetectLanguage(samples_, options_, abort, &transcript_.guesses)
                   : model.Transcribe(samples_, options_, abort, &transcript_);
    if (outcome_ == Outcome::kFailed) SetError("whisper.cpp could not decode this audio");
  }

  void OnOK() override {
    shared_->busy = false;
    if (outcome_ == Outcome::kAborted) return deferred_.Resolve(Env().Undefined());
    auto guesses = ToJs(Env(), transcript_.guesses);
    if (language_only_) return deferred_.Resolve(guesses);
    auto out = Napi::Object::New(Env());
    out["language"] = Napi::String::New(Env(), transcript_.language);
    out["tokens"] = ToJs(Env(), transcript_.tokens);
    out["guesses"] = guesses;
    out["looped"] = transcript_.looped;
    out["aligned"] = transcript_.aligned;
    deferred_.Resolve(out);
  }

  void OnError(const Napi::Error& error) override {
    shared_->busy = false;
    deferred_.Reject(error.Value());
  }

 private:
  Napi::Promise::Deferred deferred_;
  std::shared_ptr<Shared> shared_;
  std::vector<float> samples_;
  TranscribeOptions options_;
  bool language_only_;
  Outcome outcome_ = Outcome::kFailed;
  Transcript transcript_;
};

// In the steps that this build of whisper.cpp computes in (CMakeLists.txt); 0 stays the whole window.
int WindowOf(int audio_ctx) {
  constexpr int kStep = SAYWIRE_WINDOW_STEP;
  constexpr int kWhole = 1500;
  return std::min(kWhole, (audio_ctx + kStep - 1) / kStep * kStep);
}

TranscribeOptions ReadOptions(const Napi::Object& from) {
  TranscribeOptions options;
  const auto number = [&](const char* name, int otherwise) {
    const auto value = from.Get(name);
    return value.IsNumber() ? value.As<Napi::Number>().Int32Value() : otherwise;
  };
  const auto flag = [&](const char* name, bool otherwise) {
    const auto value = from.Get(name);
    return value.IsBoolean() ? value.As<Napi::Boolean>().Value() : otherwise;
  };
  const auto text = [&](const char* name, const std::string& otherwise) {
    const auto value = from.Get(name);
    return value.IsString() ? value.As<Napi::String>().Utf8Value() : otherwise;
  };
  options.language = text("language", options.language);
  options.prompt = text("prompt", options.prompt);
  options.draft = text("draft", options.draft);
  options.translate = flag("translate", options.translate);
  options.audio_ctx = WindowOf(number("audioCtx", options.audio_ctx));
  options.max_tokens = number("maxTokens", options.max_tokens);
  options.loop_tokens = number("loopTokens", options.loop_tokens);
  options.threads = number("threads", options.threads);
  options.token_timestamps = flag("tokenTimestamps", options.token_timestamps);
  options.single_segment = flag("singleSegment", options.single_segment);
  options.no_context = flag("noContext", options.no_context);
  options.fallback = flag("fallback", options.fallback);
  options.detect = flag("detect", options.detect);
  options.aligned = flag("aligned", options.aligned);
  return options;
}

class ModelObject : public Napi::ObjectWrap<ModelObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "WhisperModel",
                       {InstanceMethod<&ModelObject::Transcribe>("transcribe"),
                        InstanceMethod<&ModelObject::DetectLanguage>("detectLanguage"),
                        InstanceMethod<&ModelObject::Abort>("abort"),
                        InstanceMethod<&ModelObject::Free>("free"),
                        InstanceAccessor<&ModelObject::Multilingual>("multilingual"),
                        InstanceAccessor<&ModelObject::Gpu>("gpu")});
  }

  // Only load() makes these: the argument wraps a loaded model.
  explicit ModelObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    if (!info[0].IsExternal()) throw Napi::TypeError::New(info.Env(), "use load(path)");
    shared_ = *info[0].As<Napi::External<std::shared_ptr<Shared>>>().Data();
  }

  ~ModelObject() override {
    if (shared_) shared_->abort = true;
  }

 private:
  Napi::Value Transcribe(const Napi::CallbackInfo& info) { return Run(info, false); }

  Napi::Value DetectLanguage(const Napi::CallbackInfo& info) { return Run(info, true); }

  Napi::Value Run(const Napi::CallbackInfo& info, bool language_only) {
    const auto env = info.Env();
    if (!shared_) throw Napi::Error::New(env, "the model was freed");
    if (shared_->busy) throw Napi::Error::New(env, "the model is decoding already");
    if (!info[0].IsTypedArray() ||
        info[0].As<Napi::TypedArray>().TypedArrayType() != napi_float32_array) {
      throw Napi::TypeError::New(env, "samples must be a Float32Array");
    }
    const auto samples = info[0].As<Napi::Float32Array>();
    auto options =
        info[1].IsObject() ? ReadOptions(info[1].As<Napi::Object>()) : TranscribeOptions();
    if (language_only) options.detect = true;
    const auto refusal = shared_->model->Refusal(options);
    if (!refusal.empty()) throw Napi::Error::New(env, refusal);
    shared_->busy = true;
    shared_->abort = false;
    // A copy: JavaScript may reuse its buffer at once, and 30 s are only 2 MB.
    auto* worker = new TranscribeWorker(
        env, shared_, {samples.Data(), samples.Data() + samples.ElementLength()}, options, language_only);
    worker->Queue();
    return worker->promise();
  }

  void Abort(const Napi::CallbackInfo&) {
    if (shared_ && shared_->busy) shared_->abort = true;
  }

  void Free(const Napi::CallbackInfo&) {
    if (shared_) shared_->abort = true;
    shared_.reset();
  }

  Napi::Value Multilingual(const Napi::CallbackInfo& info) {
    if (!shared_) throw Napi::Error::New(info.Env(), "the model was freed");
    return Napi::Boolean::New(info.Env(), shared_->model->multilingual());
  }

  Napi::Value Gpu(const Napi::CallbackInfo& info) {
    if (!shared_) throw Napi::Error::New(info.Env(), "the model was freed");
    const auto& gpu = shared_->model->gpu();
    return gpu.empty() ? info.Env().Undefined() : Napi::String::New(info.Env(), gpu);
  }

  std::shared_ptr<Shared> shared_;
};

class LoadWorker : public Napi::AsyncWorker {
 public:
  LoadWorker(Napi::Env env, std::string path, bool use_gpu, const Napi::Function& constructor)
      : AsyncWorker(env),
        deferred_(Napi::Promise::Deferred::New(env)),
        constructor_(Napi::Persistent(constructor)),
        path_(std::move(path)),
        use_gpu_(use_gpu) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

  void Execute() override {
    shared_->model = Model::Load(path_, use_gpu_);
    if (shared_->model) return;
    SetError(use_gpu_ ? "the model cannot be loaded with the GPU, or is no Whisper model"
                      : "the file is not a Whisper model in ggml format");
  }

  void OnOK() override {
    auto handle = Napi::External<std::shared_ptr<Shared>>::New(Env(), &shared_);
    deferred_.Resolve(constructor_.New({handle}));
  }

  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  Napi::Promise::Deferred deferred_;
  Napi::FunctionReference constructor_;
  std::string path_;
  bool use_gpu_;
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

Napi::Value Load(const Napi::CallbackInfo& info) {
  if (!info[0].IsString()) throw Napi::TypeError::New(info.Env(), "path must be a string");
  const auto* constructor = info.Env().GetInstanceData<Napi::FunctionReference>();
  const auto gpu = info[1].IsObject() ? info[1].As<Napi::Object>().Get("gpu") : info[1];
  const bool use_gpu = gpu.IsBoolean() && gpu.As<Napi::Boolean>().Value();
  auto* worker = new LoadWorker(info.Env(), info[0].As<Napi::String>().Utf8Value(), use_gpu,
                                constructor->Value());
  worker->Queue();
  return worker->promise();
}

Napi::Value FindGpu(const Napi::CallbackInfo& info) {
  const auto gpu = UsableGpu();
  return gpu.empty() ? info.Env().Undefined() : Napi::String::New(info.Env(), gpu);
}

/// Whether this CPU has what the code was made for; without it, the first decode would be the end.
bool IsCpuFit() {
#if !defined(SAYWIRE_NEEDS_AVX2)
  return true;
#elif defined(_MSC_VER)
  return IsProcessorFeaturePresent(PF_AVX2_INSTRUCTIONS_AVAILABLE);
#else
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("bmi2");
#endif
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  if (!IsCpuFit()) throw Napi::Error::New(env, "this processor has no AVX2");
  auto* constructor = new Napi::FunctionReference(Napi::Persistent(ModelObject::Define(env)));
  env.SetInstanceData(constructor);
  exports["usableGpu"] = Napi::Function::New<FindGpu>(env, "usableGpu");
  exports["load"] = Napi::Function::New<Load>(env, "load");
  exports["measure"] = Napi::Function::New<Measure>(env, "measure");
  return exports;
}

NODE_API_MODULE(saywire_whisper, Init)

}  // namespace
}  // namespace saywire
