/* Owns identity tokens: wire-formats.md, section 1; see sonde_signed.h. */
#include "core/text.h"
#include "signed/verifier.h"
#include "signed/wipe.h"

enum { NONCE = SONDE_NONCE_SIZE, TAG = 16 };

/* ---- Seal --------------------------------------------------------------- */

static bool is_zero(const uint8_t *data, size_t size) {
    uint32_t any = 0;
    for (size_t i = 0; i < size; i++)
        any |= data[i];
    return any == 0;
}

static bool is_text(const uint8_t *text, size_t size) {
    uint64_t replaced = 0;
    (void)sonde_text_copy(NULL, text, size, &replaced);
    return replaced == 0;
}

static int32_t seal(sonde_verifier *v, sonde_writer *w, const uint8_t nonce[12],
                    const char *id, size_t size) {
    uint8_t *text = v->sealed + NONCE;
    memcpy(v->sealed, nonce, NONCE);
    memcpy(text, id, size);
    sonde_gcm_seal(&v->secrets[0].cipher, text + size, text, size, nonce, NULL,
                   0);
    sonde_base64url_put(w, v->sealed, NONCE + size + TAG);
    return w->status < 0 ? w->status : (int32_t)w->used;
}

int32_t sonde_identity_seal(sonde_verifier *v, char *token, size_t token_size,
                            const uint8_t nonce[12], const char *id,
                            size_t id_size) {
    if (v->secret_count == 0)
        return SONDE_NO_SECRET;
    if (id == NULL || id_size == 0 || id_size > SONDE_MAX_ID ||
        !is_text((const uint8_t *)id, id_size) || is_zero(nonce, NONCE))
        return SONDE_BAD_ARGUMENT;
    if ((NONCE + id_size + TAG + 2) / 3 * 4 > token_size)
        return SONDE_NO_SPACE;
    sonde_writer w = {(uint8_t *)token, token_size, 0, SONDE_OK};
    int32_t result = seal(v, &w, nonce, id, id_size);
    sonde_wipe(v->sealed, NONCE + id_size + TAG);
    sonde_wipe_stack();
    return result;
}

/* ---- Open --------------------------------------------------------------- */

static bool open_any(sonde_verifier *v, uint8_t *text, size_t size) {
    for (uint32_t i = 0; i < v->secret_count; i++) {
        if (sonde_gcm_open(&v->secrets[i].cipher, text, size, text + size,
                           v->sealed, NULL, 0))
            return true;
    }
    return false;
}

int32_t sonde_identity_unseal(sonde_verifier *v, const uint8_t **id,
                              const uint8_t *token, size_t size) {
    if (v->secret_count == 0)
        return SONDE_NO_SECRET;
    if (size > SONDE_MAX_TOKEN)
        return SONDE_MALFORMED;
    int32_t sealed = sonde_base64url_get(v->sealed, token, size);
    if (sealed <= NONCE + TAG)
        return SONDE_MALFORMED;
    size_t id_size = (size_t)sealed - NONCE - TAG;
    if (id_size > SONDE_MAX_ID)
        return SONDE_MALFORMED;
    *id = v->sealed + NONCE;
    if (!open_any(v, v->sealed + NONCE, id_size))
        return SONDE_FORGED;
    return is_text(*id, id_size) ? (int32_t)id_size : SONDE_MALFORMED;
}

int32_t sonde_identity_open(sonde_verifier *v, char *id, size_t id_size,
                            const char *token, size_t token_size) {
    const uint8_t *text = NULL;
    int32_t size =
        sonde_identity_unseal(v, &text, (const uint8_t *)token, token_size);
    if (size > 0 && (size_t)size > id_size)
        size = SONDE_NO_SPACE;
    if (size > 0)
        memcpy(id, text, (size_t)size);
    if (token_size <= SONDE_MAX_TOKEN)
        sonde_wipe(v->sealed, sonde_decoded_size(token_size));
    sonde_wipe_stack();
    return size;
}
