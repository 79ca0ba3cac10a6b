# Makes ${CMAKE_BINARY_DIR}/patched/whisper.cpp of whisper.cpp's own, and has the library built of it.

file(READ ${WHISPER_DIR}/src/whisper.cpp patched)

# Fails where whisper.cpp has changed, rather than leave something out.
macro(patch what with)
  string(FIND "${patched}" "${what}" found)
  if(found EQUAL -1)
    message(FATAL_ERROR "whisper.cpp is not what this build knows: look again for ${what}")
  endif()
  string(REPLACE "${what}" "${with}" patched "${patched}")
endmacro()

# whisper.cpp rounds the encoder's window up to 256 positions and lets attention look at all of them,
# although only the window is computed: in the rest lies what an earlier decode left, which is heard
# again. A processor needs no such rounding: without it a window is as long as it was asked to be, for
# less work and without ghosts. With a GPU it stays, and windows must be asked for in those steps.
if(NOT GGML_METAL AND NOT GGML_VULKAN)
  foreach(length n_ctx n_audio_ctx)
    patch("${length}_pad = GGML_PAD(${length}, 256);" "${length}_pad = ${length};")
  endforeach()
endif()

# Speculative decoding (Leviathan, Kalman and Matias, 2023) with a draft that is there already: what the
# same speech was heard as a moment ago. One pass looks at all of the draft; as long as the decoder says
# the same, its next step is done. Where it says something else once or twice, the rest is looked at again
# behind that. What is heard stays what it would be without.
patch("static void whisper_batch_prep_legacy(" "
static thread_local std::vector<whisper_token> draft_tokens;

void whisper_set_draft(std::vector<whisper_token> tokens) {
    draft_tokens = std::move(tokens);
}

static void whisper_batch_prep_legacy(")
patch("
                whisper_batch_prep_legacy(state->batch, prompt.data(), prompt.size(), 0, 0);
" "
                const int n_prompt = prompt.size();
                n_draft = n_decoders_cur == 1 && t_cur < 1e-6f ? draft_tokens.size() : 0;
                prompt.insert(prompt.end(), draft_tokens.begin(), draft_tokens.begin() + n_draft);
                whisper_batch_prep_legacy(state->batch, prompt.data(), prompt.size(), 0, 0);
                prompt.resize(n_prompt);
                draft_row = n_prompt - 1;
                for (int k = n_prompt - 1; k < n_prompt + n_draft; ++k) {
                    state->batch.logits[k] = 1;
                }
")
patch("
            // init prompt and kv cache for the current iteration
" "
            int n_draft = 0;
            int n_changes = 2;
            // row of a step's logits, less the step
            int draft_row = 0;

            // init prompt and kv cache for the current iteration
")
patch("
                // obtain logits for the next token
                {
" "
                // obtain logits for the next token
                if (i < n_draft) {
                    auto & decoder = state->decoders[0];
                    const auto said = decoder.sequence.tokens.back().id;
                    if (said != draft_tokens[i]) {
                        whisper_kv_cache_seq_rm(state->kv_self, 0, prompt.size() + i, -1);
                        if (n_changes-- > 0) {
                            draft_tokens[i] = said;
                            draft_row = -(i + 1);
                            whisper_batch_prep_legacy(state->batch, draft_tokens.data() + i, n_draft - i, prompt.size() + i, 0);
                            for (int k = 0; k < n_draft - i; ++k) {
                                state->batch.logits[k] = 1;
                            }
                            if (!whisper_decode_internal(*ctx, *state, state->batch, params.n_threads, false, params.abort_callback, params.abort_callback_user_data)) {
                                return -9;
                            }
                        } else {
                            n_draft = 0;
                        }
                    }
                    if (i < n_draft) {
                        decoder.i_batch = draft_row + i + 1;
                        whisper_process_logits(*ctx, *state, decoder, params, t_cur);
                        continue;
                    }
                }
                {
")

# What each token of a text listened to, for the times of its words (word-times.cc). whisper.cpp's own way
# to these needs attention that is slower for every decode; here only the pass that asks for it computes the
# weights beside, in the layers that have alignment heads.
patch("                cur = ggml_flash_attn_ext(ctx0, Q, Kcross, Vcross, nullptr, KQscale, 0.0f, 0.0f);" "
                if (save_alignment_heads_QKs && !get_alignment_heads_by_layer(wctx.params, il, n_layer, n_head).empty()) {
                    struct ggml_tensor * keys = ggml_view_3d(ctx0, Kcross, n_state_head, n_audio_ctx, n_head, Kcross->nb[1], Kcross->nb[2], 0);
                    struct ggml_tensor * weights = ggml_soft_max_ext(ctx0, ggml_mul_mat(ctx0, keys, Q), nullptr, KQscale, 0.0f);
                    aheads_cross_QKs = aheads_cross_QKs ? ggml_concat(ctx0, aheads_cross_QKs, weights, 2) : weights;
                }

                cur = ggml_flash_attn_ext(ctx0, Q, Kcross, Vcross, nullptr, KQscale, 0.0f, 0.0f);")
patch("if (wctx.params.dtw_token_timestamps && aheads_cross_QKs != nullptr) {" "if (aheads_cross_QKs != nullptr) {")
patch("void whisper_log_set(ggml_log_callback" "
static whisper_alignment_heads_preset aheads_preset_of(const whisper_hparams & hparams, bool is_multilingual) {
    switch (hparams.n_text_layer * 10000 + hparams.n_text_state) {
        case  40384: return is_multilingual ? WHISPER_AHEADS_TINY   : WHISPER_AHEADS_TINY_EN;
        case  60512: return is_multilingual ? WHISPER_AHEADS_BASE   : WHISPER_AHEADS_BASE_EN;
        case 120768: return is_multilingual ? WHISPER_AHEADS_SMALL  : WHISPER_AHEADS_SMALL_EN;
        case 241024: return is_multilingual ? WHISPER_AHEADS_MEDIUM : WHISPER_AHEADS_MEDIUM_EN;
        case 321280: return hparams.n_mels == 128 ? WHISPER_AHEADS_LARGE_V3 : WHISPER_AHEADS_LARGE_V2;
        case  41280: return WHISPER_AHEADS_LARGE_V3_TURBO;
        default:     return WHISPER_AHEADS_NONE;
    }
}

// Weights by head, position and token; empty where the model has no known alignment heads.
void whisper_text_attention(whisper_context * ctx, const std::vector<whisper_token> & tokens, int n_threads, std::vector<float> & weights, int & n_positions) {
    weights.clear();
    auto & state = *ctx->state;
    auto & params = ctx->params;
    const auto & hparams = ctx->model.hparams;
    params.dtw_aheads_preset = aheads_preset_of(hparams, ctx->vocab.is_multilingual());
    if (params.dtw_aheads_preset == WHISPER_AHEADS_NONE || !params.flash_attn || (int) tokens.size() > hparams.n_text_ctx) {
        return;
    }
    whisper_kv_cache_clear(state.kv_self);
    whisper_batch_prep_legacy(state.batch, tokens.data(), tokens.size(), 0, 0);
    if (!whisper_decode_internal(*ctx, state, state.batch, n_threads, true, nullptr, nullptr)) {
        return;
    }
    n_positions = state.aheads_cross_QKs->ne[1];
    const size_t per_head = tokens.size() * n_positions;
    size_t head = 0;
    for (int il = 0; il < hparams.n_text_layer; ++il) {
        const auto heads = get_alignment_heads_by_layer(params, il, hparams.n_text_layer, hparams.n_text_head);
        for (const auto one : heads) {
            weights.resize(weights.size() + per_head);
            ggml_backend_tensor_get(state.aheads_cross_QKs, weights.data() + weights.size() - per_head, (head + one) * per_head * sizeof(float), per_head * sizeof(float));
        }
        if (!heads.empty()) {
            head += hparams.n_text_head;
        }
    }
}

void whisper_log_set(ggml_log_callback")

file(WRITE ${CMAKE_BINARY_DIR}/patched/whisper.cpp "${patched}")
get_target_property(whisper_sources whisper SOURCES)
list(TRANSFORM whisper_sources
  REPLACE "^whisper[.]cpp$" "${CMAKE_BINARY_DIR}/patched/whisper.cpp")
set_property(TARGET whisper PROPERTY SOURCES "${whisper_sources}")
target_include_directories(whisper PRIVATE ${WHISPER_DIR}/src)
