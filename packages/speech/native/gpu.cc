#include "gpu.h"

#include <ggml-backend.h>

#include <exception>

namespace saywire {
namespace {

// whisper.cpp takes the first.
ggml_backend_dev_t FirstGpu() {
  for (size_t i = 0; i < ggml_backend_dev_count(); ++i) {
    auto* device = ggml_backend_dev_get(i);
    const auto type = ggml_backend_dev_type(device);
    if (type == GGML_BACKEND_DEVICE_TYPE_GPU || type == GGML_BACKEND_DEVICE_TYPE_IGPU) return device;
  }
  return nullptr;
}

}  // namespace

std::string UsableGpu() try {
  auto* device = FirstGpu();
  if (!device) return "";
  // whisper.cpp would go on without a word where this fails, and keep the weights there all the same.
  auto* backend = ggml_backend_dev_init(device, nullptr);
  if (!backend) return "";
  ggml_backend_free(backend);
  return ggml_backend_dev_description(device);
} catch (const std::exception&) {
  // Vulkan's way to say that its driver is of no use.
  return "";
}

}  // namespace saywire
