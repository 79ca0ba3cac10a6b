#pragma once

#include <string>

namespace saywire {

// Name of the GPU that whisper.cpp would use; empty where this library is built without one, or the
// machine has none that starts.
std::string UsableGpu();

}  // namespace saywire
