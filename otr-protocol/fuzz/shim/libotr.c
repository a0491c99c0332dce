/*
 * libotr's parsers for the target `differential`: what it makes of a text or a file, without a conversation. Strings end with
 * a zero byte. What is found is handed to a callback, which copies it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gcrypt.h>
#include <libotr/proto.h>
#include <libotr/message.h> /* after proto.h, whose types it uses */
#include <libotr/b64.h>
#include <libotr/instag.h>
#include <libotr/privkey.h>
#include <libotr/tlv.h>

typedef void found(void *closure, unsigned int number, const void *bytes, size_t length);

void shim_init(void)
{
    OTRL_INIT;
}

/* Frees all of it: libotr leaves the private part of a context to whoever has it. */
void shim_free(OtrlUserState state)
{
    size_t count = 0;
    for (ConnContext *context = state->context_root; context; context = context->next)
        count++;
    void **parts = calloc(count + 1, sizeof *parts);
    if (!parts)
        abort();
    count = 0;
    for (ConnContext *context = state->context_root; context; context = context->next)
        parts[count++] = context->context_priv;
    otrl_userstate_free(state);
    while (count)
        free(parts[--count]);
    free(parts);
}

/* The type of a text, as a number of ours. */
int shim_type(const char *text)
{
    switch (otrl_proto_message_type(text)) {
    case OTRL_MSGTYPE_NOTOTR: return 0;
    case OTRL_MSGTYPE_TAGGEDPLAINTEXT: return 1;
    case OTRL_MSGTYPE_QUERY: return 2;
    case OTRL_MSGTYPE_DH_COMMIT: return 3;
    case OTRL_MSGTYPE_DH_KEY: return 4;
    case OTRL_MSGTYPE_REVEALSIG: return 5;
    case OTRL_MSGTYPE_SIGNATURE: return 6;
    case OTRL_MSGTYPE_DATA: return 7;
    case OTRL_MSGTYPE_ERROR: return 8;
    case OTRL_MSGTYPE_V1_KEYEXCH: return 9;
    default: return 10;
    }
}

unsigned int shim_query_version(const char *text, unsigned int policy)
{
    return otrl_proto_query_bestversion(text, policy);
}

/* The best version of a whitespace tag, and where the tag stands. */
unsigned int shim_tag_version(const char *text, unsigned int policy, size_t *from, size_t *to)
{
    const char *start = text, *end = text;
    unsigned int version = otrl_proto_whitespace_bestversion(text, &start, &end, policy);
    *from = (size_t)(start - text);
    *to = (size_t)(end - text);
    return version;
}

/* The message in a text in armour, if it finds any. */
void shim_dearmor(const char *text, found *found, void *closure)
{
    unsigned char *bytes = NULL;
    size_t length = 0;
    if (otrl_base64_otr_decode(text, &bytes, &length))
        return;
    found(closure, 0, bytes, length);
    free(bytes);
}

/* The records that follow the text of a Data message. */
void shim_records(const unsigned char *bytes, size_t length, found *found, void *closure)
{
    OtrlTLV *records = otrl_tlv_parse(bytes, length);
    for (OtrlTLV *record = records; record; record = record->next)
        found(closure, record->type, record->data, record->len);
    otrl_tlv_free(records);
}

/* One correspondent, to put fragments together. */
ConnContext *shim_context(OtrlUserState *state)
{
    *state = otrl_userstate_create();
    return otrl_context_find(*state, "user", "account", "protocol", OTRL_INSTAG_MASTER, 1, NULL, NULL, NULL);
}

/* The message that is complete with this fragment. */
void shim_accumulate(ConnContext *context, const char *text, found *found, void *closure)
{
    char *message = NULL;
    if (otrl_proto_fragment_accumulate(&message, context, text) == OTRL_FRAGMENT_COMPLETE) {
        found(closure, 0, message, strlen(message));
        free(message);
    }
}

/* The fingerprints in a file: four fields, each behind the other, and a number for each. */
void shim_fingerprints(const void *file, size_t length, found *found, void *closure)
{
    FILE *stream = fmemopen((void *)file, length, "r");
    if (!stream)
        return;
    OtrlUserState state = otrl_userstate_create();
    otrl_privkey_read_fingerprints_FILEp(state, stream, NULL, NULL);
    fclose(stream);
    for (ConnContext *context = state->context_root; context; context = context->next)
        for (Fingerprint *known = context->fingerprint_root.next; known; known = known->next) {
            const char *trust = known->trust ? known->trust : "";
            found(closure, 0, context->username, strlen(context->username));
            found(closure, 1, context->accountname, strlen(context->accountname));
            found(closure, 2, context->protocol, strlen(context->protocol));
            found(closure, 3, known->fingerprint, 20);
            found(closure, 4, trust, strlen(trust));
        }
    shim_free(state);
}

/* The tag of an account in a file of instance tags, or 0. */
unsigned int shim_instance_tag(const void *file, size_t length, const char *account, const char *protocol)
{
    FILE *stream = fmemopen((void *)file, length, "r");
    if (!stream)
        return 0;
    OtrlUserState state = otrl_userstate_create();
    otrl_instag_read_FILEp(state, stream);
    fclose(stream);
    OtrlInsTag *found = otrl_instag_find(state, account, protocol);
    unsigned int tag = found ? found->instag : 0;
    shim_free(state);
    return tag;
}
