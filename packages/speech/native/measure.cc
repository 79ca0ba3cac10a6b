#include "measure.h"

#include <ggml-alloc.h>
#include <ggml-backend.h>
#include <ggml-cpp.h>
#include <ggml-cpu.h>
#include <ggml.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <stdexcept>
#include <vector>

namespace saywire {
namespace {

// A layer of `base`, over the window of a final.
constexpr int64_t kState = 512;
constexpr int64_t kHeads = 8;
constexpr int64_t kFrames = 768;
// A layer that is next to no work: what it takes is the price of its steps.
constexpr int64_t kTinyState = 64;
constexpr int64_t kTinyHeads = 1;
constexpr int64_t kTinyFrames = 32;
constexpr int kTinyLayers = 8;
// Weights that one token reads: more than the caches of most processors hold (134 MB as f16).
constexpr int64_t kReadColumns = 1024;
constexpr int64_t kReadRows = 65536;
constexpr double kEncoderSliceS = 0.25;
constexpr double kDecoderSliceS = 0.12;
// Threads that wait for each other longer than that, of what they compute, wait for other programs.
constexpr double kMostWaiting = 1.5;
constexpr size_t kMaxNodes = 1024;
constexpr float kEps = 1e-5f;

struct Figures {
  double encoder_gflops = 0;
  double decoder_gbps = 0;
};

/// Where whisper.cpp would put weights of this type: an extra buffer of the CPU's (repacked for its
/// instructions) where it can multiply from there, else plain memory.
ggml_backend_buffer_type_t WeightBuffer(ggml_type type) {
  auto* device = ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
  const auto extra = reinterpret_cast<ggml_backend_dev_get_extra_bufts_t>(
      ggml_backend_reg_get_proc_address(ggml_backend_dev_backend_reg(device),
                                        "ggml_backend_dev_get_extra_bufts"));
  for (auto* buft = extra ? extra(device) : nullptr; buft && *buft; ++buft) {
    ggml_context_ptr ctx{ggml_init({4 * ggml_tensor_overhead(), nullptr, true})};
    auto* weights = ggml_new_tensor_2d(ctx.get(), type, kState, kState);
    auto* input = ggml_new_tensor_2d(ctx.get(), GGML_TYPE_F32, kState, kFrames);
    auto* product = ggml_mul_mat(ctx.get(), weights, input);
    ggml_backend_buffer_ptr empty{ggml_backend_buft_alloc_buffer(*buft, 0)};
    weights->buffer = empty.get();
    if (ggml_backend_dev_supports_op(device, product)) return *buft;
  }
  return ggml_backend_cpu_buffer_type();
}

void Fill(ggml_tensor* tensor) {
  // Values do not matter to the time, as long as they are ordinary ones.
  const int64_t columns = tensor->ne[0];
  const size_t row_bytes = ggml_row_size(tensor->type, columns);
  constexpr int64_t kPattern = 16;
  std::vector<float> values(static_cast<size_t>(columns * kPattern));
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = 0.05f * std::sin(0.37f * static_cast<float>(i % 9973));
  }
  std::vector<uint8_t> pattern(row_bytes * kPattern);
  ggml_quantize_chunk(tensor->type, values.data(), pattern.data(), 0, kPattern, columns, nullptr);
  std::vector<uint8_t> all(ggml_nbytes(tensor));
  for (size_t at = 0; at < all.size(); at += pattern.size()) {
    std::copy_n(pattern.begin(), std::min(pattern.size(), all.size() - at), all.begin() + at);
  }
  ggml_backend_tensor_set(tensor, all.data(), 0, all.size());
}

/// Tensors that are there before a graph is computed: weights, and what the layers hear.
class Store {
 public:
  explicit Store(ggml_backend_buffer_type_t buft)
      : buft_(buft), ctx_(ggml_init({64 * ggml_tensor_overhead(), nullptr, true})) {}

  ggml_tensor* Add(ggml_type type, int64_t columns, int64_t rows) {
    return ggml_new_tensor_2d(ctx_.get(), type, columns, rows);
  }

  void Allocate() {
    buffer_.reset(ggml_backend_alloc_ctx_tensors_from_buft(ctx_.get(), buft_));
    if (!buffer_) throw std::runtime_error("there is not enough memory to measure");
    for (auto* one = ggml_get_first_tensor(ctx_.get()); one;
         one = ggml_get_next_tensor(ctx_.get(), one)) {
      Fill(one);
    }
  }

 private:
  ggml_backend_buffer_type_t buft_;
  ggml_context_ptr ctx_;
  ggml_backend_buffer_ptr buffer_;
};

struct Layer {
  ggml_tensor *q, *k, *v, *out, *up, *down;  // weights
  ggml_tensor *scale, *heard_k, *heard_v;
};

Layer MakeLayer(Store& weights, Store& plain, ggml_type type, int64_t state, int64_t frames) {
  Layer layer{};
  for (auto** one : {&layer.q, &layer.k, &layer.v, &layer.out}) {
    *one = weights.Add(type, state, state);
  }
  layer.up = weights.Add(type, state, 4 * state);
  layer.down = weights.Add(type, 4 * state, state);
  layer.scale = plain.Add(GGML_TYPE_F32, state, 1);
  layer.heard_k = plain.Add(GGML_TYPE_F16, state, frames);
  layer.heard_v = plain.Add(GGML_TYPE_F16, state, frames);
  return layer;
}

/// What whisper.cpp computes for a layer: norm, attention, norm, two layers of perceptrons.
ggml_tensor* LayerOf(ggml_context* ctx, ggml_cgraph* graph, const Layer& layer, ggml_tensor* input,
                     int64_t heads) {
  const int64_t state = input->ne[0];
  const int64_t count = input->ne[1];
  const int64_t head = state / heads;
  const int64_t frames = layer.heard_k->ne[1];
  const auto norm = [&](ggml_tensor* from) {
    return ggml_add(ctx, ggml_mul(ctx, ggml_norm(ctx, from, kEps), layer.scale), layer.scale);
  };
  auto* cur = norm(input);
  auto* q = ggml_add(ctx, ggml_mul_mat(ctx, layer.q, cur), layer.scale);
  auto* k = ggml_mul_mat(ctx, layer.k, cur);
  auto* v = ggml_add(ctx, ggml_mul_mat(ctx, layer.v, cur), layer.scale);
  const auto remember = [&](ggml_tensor* from, ggml_tensor* to) {
    ggml_build_forward_expand(graph, ggml_cpy(ctx, from, ggml_view_1d(ctx, to, count * state, 0)));
  };
  remember(k, layer.heard_k);
  remember(v, layer.heard_v);
  const auto by_head = [&](ggml_tensor* from) {
    return ggml_view_3d(ctx, from, head, frames, heads, ggml_element_size(from) * state,
                        ggml_element_size(from) * head, 0);
  };
  q = ggml_permute(ctx, ggml_reshape_3d(ctx, q, head, heads, count), 0, 2, 1, 3);
  cur = ggml_flash_attn_ext(ctx, q, by_head(layer.heard_k), by_head(layer.heard_v), nullptr,
                            1.0f / std::sqrt(static_cast<float>(head)), 0.0f, 0.0f);
  cur = ggml_reshape_2d(ctx, cur, state, count);
  cur = ggml_add(ctx, ggml_mul_mat(ctx, layer.out, cur), layer.scale);
  auto* attended = ggml_add(ctx, cur, input);
  cur = ggml_mul_mat(ctx, layer.up, norm(attended));
  cur = ggml_mul_mat(ctx, layer.down, ggml_gelu(ctx, cur));
  return ggml_add(ctx, ggml_add(ctx, cur, layer.scale), attended);
}

/// Processor time of all threads so far, seconds; zero where the system does not tell.
double ProcessorSeconds() {
#ifdef _WIN32
  return 0;  // clock() is the wall's there
#else
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
#endif
}

class Bench {
 public:
  explicit Bench(int threads) : threads_(threads), backend_(ggml_backend_cpu_init()) {
    ggml_backend_cpu_set_n_threads(backend_.get(), threads);
  }

  Figures Of(ggml_type type) { return {EncoderGflops(type), DecoderGbps(type)}; }

  double StepMicros() {
    Store weights(WeightBuffer(GGML_TYPE_F16)), plain(ggml_backend_cpu_buffer_type());
    std::vector<Layer> layers;
    auto* input = plain.Add(GGML_TYPE_F32, kTinyState, 1);
    for (int i = 0; i < kTinyLayers; ++i) {
      layers.push_back(MakeLayer(weights, plain, GGML_TYPE_F16, kTinyState, kTinyFrames));
    }
    weights.Allocate();
    plain.Allocate();
    const double seconds = Time(kDecoderSliceS, [&](ggml_context* ctx, ggml_cgraph* graph) {
      auto* cur = input;
      for (const auto& layer : layers) cur = LayerOf(ctx, graph, layer, cur, kTinyHeads);
      return cur;
    });
    return seconds * 1e6 / kTinyLayers;
  }

 private:
  double EncoderGflops(ggml_type type) {
    Store weights(WeightBuffer(type)), plain(ggml_backend_cpu_buffer_type());
    const auto layer = MakeLayer(weights, plain, type, kState, kFrames);
    auto* input = plain.Add(GGML_TYPE_F32, kState, kFrames);
    weights.Allocate();
    plain.Allocate();
    const double seconds = Time(kEncoderSliceS, [&](ggml_context* ctx, ggml_cgraph* graph) {
      return LayerOf(ctx, graph, layer, input, kHeads);
    });
    const double operations = 24.0 * kFrames * kState * kState + 4.0 * kFrames * kFrames * kState;
    return operations / seconds / 1e9;
  }

  double DecoderGbps(ggml_type type) {
    Store weights(WeightBuffer(type)), plain(ggml_backend_cpu_buffer_type());
    auto* matrix = weights.Add(type, kReadColumns, kReadRows);
    auto* input = plain.Add(GGML_TYPE_F32, kReadColumns, 1);
    weights.Allocate();
    plain.Allocate();
    const double seconds = Time(kDecoderSliceS, [&](ggml_context* ctx, ggml_cgraph*) {
      return ggml_mul_mat(ctx, matrix, input);
    });
    return static_cast<double>(ggml_nbytes(matrix)) / seconds / 1e9;
  }

  /// Median time of the graph over the slice, seconds; at least once, however long that takes. Of a
  /// machine that is busy with something else it says what it could do: the margin is for others.
  template <typename Build>
  double Time(double slice_s, Build build) {
    const size_t meta =
        kMaxNodes * ggml_tensor_overhead() + ggml_graph_overhead_custom(kMaxNodes, false);
    ggml_context_ptr ctx{ggml_init({meta, nullptr, true})};
    auto* graph = ggml_new_graph_custom(ctx.get(), kMaxNodes, false);
    ggml_build_forward_expand(graph, build(ctx.get(), graph));
    ggml_gallocr_ptr allocator{ggml_gallocr_new(ggml_backend_cpu_buffer_type())};
    if (!ggml_gallocr_alloc_graph(allocator.get(), graph)) {
      throw std::runtime_error("there is not enough memory to measure");
    }
    using Clock = std::chrono::steady_clock;
    const std::chrono::duration<double> slice(slice_s);
    std::vector<double> times;
    for (const auto begin = Clock::now(); times.empty() || Clock::now() - begin < slice;) {
      const auto from = Clock::now();
      const double worked_from = ProcessorSeconds();
      if (ggml_backend_graph_compute(backend_.get(), graph) != GGML_STATUS_SUCCESS) {
        throw std::runtime_error("the measurement failed");
      }
      const double took = std::chrono::duration<double>(Clock::now() - from).count();
      const double worked = (ProcessorSeconds() - worked_from) / threads_;
      times.push_back(worked > 0 ? std::min(took, kMostWaiting * worked) : took);
    }
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
  }

  int threads_;
  ggml_backend_ptr backend_;
};

class MeasureWorker : public Napi::AsyncWorker {
 public:
  MeasureWorker(Napi::Env env, int threads)
      : AsyncWorker(env), deferred_(Napi::Promise::Deferred::New(env)), threads_(threads) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

  void Execute() override {
    try {
      Bench bench(threads_);
      step_micros_ = bench.StepMicros();
      f16_ = bench.Of(GGML_TYPE_F16);
      q8_0_ = bench.Of(GGML_TYPE_Q8_0);
      q5_1_ = bench.Of(GGML_TYPE_Q5_1);
      q5_0_ = bench.Of(GGML_TYPE_Q5_0);
    } catch (const std::exception& error) {
      SetError(error.what());
    }
  }

  void OnOK() override {
    const auto to_js = [this](const Figures& figures) {
      auto out = Napi::Object::New(Env());
      out["encoderGflops"] = Napi::Number::New(Env(), figures.encoder_gflops);
      out["decoderGbps"] = Napi::Number::New(Env(), figures.decoder_gbps);
      return out;
    };
    auto out = Napi::Object::New(Env());
    out["f16"] = to_js(f16_);
    out["q8_0"] = to_js(q8_0_);
    out["q5_1"] = to_js(q5_1_);
    out["q5_0"] = to_js(q5_0_);
    out["stepMicros"] = Napi::Number::New(Env(), step_micros_);
    deferred_.Resolve(out);
  }

  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  Napi::Promise::Deferred deferred_;
  int threads_;
  Figures f16_, q8_0_, q5_1_, q5_0_;
  double step_micros_ = 0;
};

}  // namespace

Napi::Value Measure(const Napi::CallbackInfo& info) {
  if (!info[0].IsNumber()) throw Napi::TypeError::New(info.Env(), "threads must be a number");
  const int threads = std::clamp(info[0].As<Napi::Number>().Int32Value(), 1, 64);
  auto* worker = new MeasureWorker(info.Env(), threads);
  worker->Queue();
  return worker->promise();
}

}  // namespace saywire
