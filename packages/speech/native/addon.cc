// The JavaScript face of model.h; its TypeScript side is src/whisper/native-binding.ts.
//   load(path) -> Promise<Model>
//   model.transcribe(samples, options) -> Promise<Segment[] | undefined>   undefined: aborted
//   model.abort()   model.free()   model.multilingual
// Loading and decoding run on a worker thread of libuv's pool; one decode at a time per model.
#include <napi.h>

#if defined(SAYWIRE_NEEDS_AVX2) && defined(_MSC_VER)
#include <windows.h>
#endif

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

Napi::Object ToJs(Napi::Env env, const Segment& segment) {
  auto tokens = Napi::Array::New(env, segment.tokens.size());
  for (size_t i = 0; i < segment.tokens.size(); ++i) {
    const auto& token = segment.tokens[i];
    auto out = Napi::Object::New(env);
    out["text"] = Napi::String::New(env, token.text);
    out["p"] = Napi::Number::New(env, token.p);
    out["logp"] = Napi::Number::New(env, token.logp);
    out["parts"] = Napi::Number::New(env, token.parts);
    out["startMs"] = Napi::Number::New(env, static_cast<double>(token.t0_ms));
    out["endMs"] = Napi::Number::New(env, static_cast<double>(token.t1_ms));
    tokens[static_cast<uint32_t>(i)] = out;
  }
  auto out = Napi::Object::New(env);
  out["text"] = Napi::String::New(env, segment.text);
  out["startMs"] = Napi::Number::New(env, static_cast<double>(segment.t0_ms));
  out["endMs"] = Napi::Number::New(env, static_cast<double>(segment.t1_ms));
  out["avgLogprob"] = Napi::Number::New(env, segment.avg_logprob);
  out["noSpeechProb"] = Napi::Number::New(env, segment.no_speech_prob);
  out["tokens"] = tokens;
  return out;
}

class TranscribeWorker : public Napi::AsyncWorker {
 public:
  TranscribeWorker(Napi::Env env, std::shared_ptr<Shared> shared, std::vector<float> samples,
                   TranscribeOptions options)
      : AsyncWorker(env),
        deferred_(Napi::Promise::Deferred::New(env)),
        shared_(std::move(shared)),
        samples_(std::move(samples)),
        options_(std::move(options)) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

  void Execute() override {
    outcome_ = shared_->model->Transcribe(samples_, options_, shared_->abort, &segments_);
    if (outcome_ == Outcome::kFailed) SetError("whisper.cpp could not decode this audio");
  }

  void OnOK() override {
    shared_->busy = false;
    if (outcome_ == Outcome::kAborted) return deferred_.Resolve(Env().Undefined());
    auto out = Napi::Array::New(Env(), segments_.size());
    for (size_t i = 0; i < segments_.size(); ++i) {
      out[static_cast<uint32_t>(i)] = ToJs(Env(), segments_[i]);
    }
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
  Outcome outcome_ = Outcome::kFailed;
  std::vector<Segment> segments_;
};

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
  options.translate = flag("translate", options.translate);
  options.audio_ctx = number("audioCtx", options.audio_ctx);
  options.threads = number("threads", options.threads);
  options.token_timestamps = flag("tokenTimestamps", options.token_timestamps);
  options.single_segment = flag("singleSegment", options.single_segment);
  options.no_context = flag("noContext", options.no_context);
  options.fallback = flag("fallback", options.fallback);
  return options;
}

class ModelObject : public Napi::ObjectWrap<ModelObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "WhisperModel",
                       {InstanceMethod<&ModelObject::Transcribe>("transcribe"),
                        InstanceMethod<&ModelObject::Abort>("abort"),
                        InstanceMethod<&ModelObject::Free>("free"),
                        InstanceAccessor<&ModelObject::Multilingual>("multilingual")});
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
  Napi::Value Transcribe(const Napi::CallbackInfo& info) {
    const auto env = info.Env();
    if (!shared_) throw Napi::Error::New(env, "the model was freed");
    if (shared_->busy) throw Napi::Error::New(env, "the model is decoding already");
    if (!info[0].IsTypedArray() ||
        info[0].As<Napi::TypedArray>().TypedArrayType() != napi_float32_array) {
      throw Napi::TypeError::New(env, "samples must be a Float32Array");
    }
    const auto samples = info[0].As<Napi::Float32Array>();
    const auto options =
        info[1].IsObject() ? ReadOptions(info[1].As<Napi::Object>()) : TranscribeOptions();
    shared_->busy = true;
    shared_->abort = false;
    // A copy: JavaScript may reuse its buffer at once, and 30 s are only 2 MB.
    auto* worker = new TranscribeWorker(
        env, shared_, {samples.Data(), samples.Data() + samples.ElementLength()}, options);
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

  std::shared_ptr<Shared> shared_;
};

class LoadWorker : public Napi::AsyncWorker {
 public:
  LoadWorker(Napi::Env env, std::string path, const Napi::Function& constructor)
      : AsyncWorker(env),
        deferred_(Napi::Promise::Deferred::New(env)),
        constructor_(Napi::Persistent(constructor)),
        path_(std::move(path)) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

  void Execute() override {
    shared_->model = Model::Load(path_);
    if (!shared_->model) SetError("the file is not a Whisper model in ggml format");
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
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

Napi::Value Load(const Napi::CallbackInfo& info) {
  if (!info[0].IsString()) throw Napi::TypeError::New(info.Env(), "path must be a string");
  const auto* constructor = info.Env().GetInstanceData<Napi::FunctionReference>();
  auto* worker =
      new LoadWorker(info.Env(), info[0].As<Napi::String>().Utf8Value(), constructor->Value());
  worker->Queue();
  return worker->promise();
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
  exports["load"] = Napi::Function::New<Load>(env, "load");
  exports["measure"] = Napi::Function::New<Measure>(env, "measure");
  return exports;
}

NODE_API_MODULE(saywire_whisper, Init)

}  // namespace
}  // namespace saywire
