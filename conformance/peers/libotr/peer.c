/*
 * libotr as a conversation partner on stdin and stdout; README.md describes the line protocol.
 *
 * The program adds nothing to libotr: what libotr injects becomes a `wire` line, what it reports becomes an
 * event line, and nothing is sent that libotr does not send by itself or that no command asked for.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gcrypt.h>
#include <libotr/proto.h>
#include <libotr/message.h> /* after proto.h, whose types it uses */
#include <libotr/privkey.h>

#include "line.h"

/* One account that talks to one correspondent; every callback gets it as `opdata`. */
struct peer {
    OtrlUserState us;
    const char *account, *protocol, *name; /* name: the correspondent */
    OtrlPolicy policy;
    int max_size;   /* bytes, 0 = unlimited */
    bool decrypted; /* the text being received came out of a data message */
};

static time_t clock_offset; /* seconds; global because time() is called without any data of ours */

/* Found before libc's when libotr's calls are resolved: libotr sees the real time plus the offset. */
time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    now.tv_sec += clock_offset;
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}

/* ---- What libotr calls ---- */

static OtrlPolicy on_policy(void *opdata, ConnContext *) { return ((struct peer *)opdata)->policy; }

static int on_max_message_size(void *opdata, ConnContext *) { return ((struct peer *)opdata)->max_size; }

/* Anything but 1, and libotr ends sessions without saying so to the correspondent. */
static int on_is_logged_in(void *, const char *, const char *, const char *) { return 1; }

static void on_inject(void *, const char *, const char *, const char *, const char *message)
{
    if (!*message) /* libotr injects "" for a text it refuses because the session is finished */
        return;
    printf("wire");
    end_line(message);
}

static void print_secured(const ConnContext *context, const char *kind)
{
    printf("secured %u", context->protocol_version);
    print_hex(context->active_fingerprint->fingerprint, 20);
    print_hex(context->sessionid, context->sessionid_len);
    printf(" %s", context->sessionid_half == OTRL_SESSIONID_FIRST_HALF_BOLD ? "first" : "second");
    printf(" %s %08x\n", kind, context->their_instance);
}

static void on_gone_secure(void *, ConnContext *context) { print_secured(context, "new"); }

static void on_still_secure(void *, ConnContext *context, int) { print_secured(context, "refreshed"); }

/* libotr offers exactly the texts it decrypted for conversion: this tells an encrypted message from a plain one. */
static void on_convert(void *opdata, ConnContext *, OtrlConvertType type, char **, const char *)
{
    if (type == OTRL_CONVERT_RECEIVING)
        ((struct peer *)opdata)->decrypted = true;
}

static void print_extra_key(const char *way, unsigned use, const void *data, size_t len, const unsigned char *key)
{
    printf("extra_key %s %u", way, use);
    print_base64(data, len);
    print_hex(key, OTRL_EXTRAKEY_BYTES);
    putchar('\n');
}

static void on_received_symkey(void *, ConnContext *, unsigned use, const unsigned char *data, size_t len,
                               const unsigned char *key)
{
    print_extra_key("received", use, data, len, key);
}

/* The text behind "?OTR Error: ". Without this callback libotr would let a text it cannot encrypt out as it is. */
static const char *on_error_message(void *, ConnContext *, OtrlErrorCode code)
{
    return code == OTRL_ERRCODE_ENCRYPTION_ERROR ? "A message could not be encrypted." : "A message could not be read.";
}

static void on_smp_event(void *, OtrlSMPEvent event, ConnContext *, unsigned short percent, char *question)
{
    static const char *const names[] = {
        "NONE", "ERROR", "ABORT", "CHEATED", "ASK_FOR_ANSWER", "ASK_FOR_SECRET", "IN_PROGRESS", "SUCCESS", "FAILURE",
    };
    printf("smp %s %hu", names[event], percent);
    end_line(question);
}

static void on_msg_event(void *, OtrlMessageEvent event, ConnContext *, const char *message, gcry_error_t err)
{
    static const char *const names[] = {
        "NONE", "ENCRYPTION_REQUIRED", "ENCRYPTION_ERROR", "CONNECTION_ENDED", "SETUP_ERROR", "MSG_REFLECTED",
        "MSG_RESENT", "RCVDMSG_NOT_IN_PRIVATE", "RCVDMSG_UNREADABLE", "RCVDMSG_MALFORMED", "LOG_HEARTBEAT_RCVD",
        "LOG_HEARTBEAT_SENT", "RCVDMSG_GENERAL_ERR", "RCVDMSG_UNENCRYPTED", "RCVDMSG_UNRECOGNIZED",
        "RCVDMSG_FOR_OTHER_INSTANCE",
    };
    printf("event %s", names[event]);
    end_line(err ? gcry_strerror(err) : message);
}

static const OtrlMessageAppOps ops = {
    .policy = on_policy,
    .max_message_size = on_max_message_size,
    .is_logged_in = on_is_logged_in,
    .inject_message = on_inject,
    .gone_secure = on_gone_secure,
    .still_secure = on_still_secure,
    .convert_msg = on_convert,
    .received_symkey = on_received_symkey,
    .otr_error_message = on_error_message,
    .handle_smp_event = on_smp_event,
    .handle_msg_event = on_msg_event,
};

/* ---- The commands: each gets the best context and returns NULL, or why it could not be carried out ---- */

static const char *send_text(struct peer *peer, const char *text)
{
    char *replaced = NULL;
    gcry_error_t err = otrl_message_sending(peer->us, &ops, peer, peer->account, peer->protocol, peer->name,
                                            OTRL_INSTAG_BEST, text, NULL, &replaced, OTRL_FRAGMENT_SEND_ALL,
                                            NULL, NULL, NULL);
    if (!err && !replaced) /* otherwise libotr injected the replacement, or must not send anything */
        on_inject(peer, peer->account, peer->protocol, peer->name, text);
    otrl_message_free(replaced);
    return err ? gcry_strerror(err) : NULL;
}

static const char *do_start(struct peer *peer, ConnContext *, const struct arg *)
{
    return send_text(peer, "?OTR?"); /* libotr replaces it by the query its policy asks for */
}

static const char *do_send(struct peer *peer, ConnContext *, const struct arg *args)
{
    return send_text(peer, args[0].data);
}

static const char *do_receive(struct peer *peer, ConnContext *, const struct arg *args)
{
    char *shown = NULL;
    OtrlTLV *tlvs = NULL;
    peer->decrypted = false;
    int internal = otrl_message_receiving(peer->us, &ops, peer, peer->account, peer->protocol, peer->name,
                                          args[0].data, &shown, &tlvs, NULL, NULL, NULL);
    if (!internal) {
        printf("message %s", peer->decrypted ? "encrypted" : "plain");
        end_line(shown ? shown : args[0].data);
    }
    if (otrl_tlv_find(tlvs, OTRL_TLV_DISCONNECTED))
        puts("ended");
    otrl_tlv_free(tlvs);
    otrl_message_free(shown);
    return NULL;
}

static const char *do_end(struct peer *peer, ConnContext *, const struct arg *)
{
    otrl_message_disconnect_all_instances(peer->us, &ops, peer, peer->account, peer->protocol, peer->name);
    return NULL;
}

static const char *do_smp_start(struct peer *peer, ConnContext *best, const struct arg *args)
{
    /* Without a question (NULL) this is otrl_message_initiate_smp. */
    otrl_message_initiate_smp_q(peer->us, &ops, peer, best, args[1].data, (unsigned char *)args[0].data, args[0].len);
    return NULL;
}

static const char *do_smp_answer(struct peer *peer, ConnContext *best, const struct arg *args)
{
    /* x2 is drawn when a request arrives; before the first one libotr would compute with null pointers. */
    if (best->smstate->nextExpected != OTRL_SMP_EXPECT1 || !best->smstate->x2)
        return "no SMP request to answer";
    otrl_message_respond_smp(peer->us, &ops, peer, best, (unsigned char *)args[0].data, args[0].len);
    return NULL;
}

static const char *do_smp_abort(struct peer *peer, ConnContext *best, const struct arg *)
{
    otrl_message_abort_smp(peer->us, &ops, peer, best);
    return NULL;
}

static const char *do_extra_key(struct peer *peer, ConnContext *best, const struct arg *args)
{
    unsigned char key[OTRL_EXTRAKEY_BYTES];
    if (args[0].number < 0 || args[0].number > UINT32_MAX || args[1].len > UINT16_MAX - 4)
        return "the use has more than 32 bits, or the data are too long for a TLV";
    gcry_error_t err = otrl_message_symkey(peer->us, &ops, peer, best, (unsigned)args[0].number,
                                           (unsigned char *)args[1].data, args[1].len, key);
    if (err)
        return gcry_strerror(err);
    print_extra_key("sent", (unsigned)args[0].number, args[1].data, args[1].len, key);
    return NULL;
}

static const char *do_poll(struct peer *peer, ConnContext *, const struct arg *)
{
    otrl_message_poll(peer->us, &ops, peer);
    return NULL;
}

static const char *do_time(struct peer *, ConnContext *, const struct arg *args)
{
    clock_offset = (time_t)args[0].number;
    return NULL;
}

static void print_state(const ConnContext *context)
{
    static const char *const messages[] = { "PLAINTEXT", "ENCRYPTED", "FINISHED" };
    static const char *const auths[] = { "NONE", "AWAITING_DHKEY", "AWAITING_REVEALSIG", "AWAITING_SIG", "V1_SETUP" };
    printf("state %s %s %u\n", messages[context->msgstate], auths[context->auth.authstate], context->protocol_version);
}

static const char *do_state(struct peer *peer, ConnContext *best, const struct arg *)
{
    for (const ConnContext *context = peer->us->context_root; context; context = context->next)
        if (context != best)
            print_state(context);
    print_state(best);
    return NULL;
}

/* kinds: one letter for each argument, as parse_arg() takes it, of which the first `required` must be there. */
static const struct command {
    const char *name, *kinds;
    size_t required;
    bool needs_session;
    const char *(*run)(struct peer *, ConnContext *best, const struct arg *);
} commands[] = {
    { "start", "", 0, false, do_start },          { "send", "t", 1, false, do_send },
    { "receive", "t", 1, false, do_receive },     { "end", "", 0, false, do_end },
    { "smp_start", "bt", 1, true, do_smp_start }, { "smp_answer", "b", 1, true, do_smp_answer },
    { "smp_abort", "", 0, true, do_smp_abort },   { "extra_key", "nb", 2, true, do_extra_key },
    { "poll", "", 0, false, do_poll },            { "time", "n", 1, false, do_time },
    { "state", "", 0, false, do_state },
};

static const char *run(struct peer *peer, char *line)
{
    const char *name = strsep(&line, " ");
    const struct command *command = commands, *end = commands + sizeof commands / sizeof *commands;
    while (command < end && strcmp(name, command->name))
        command++;
    if (command == end)
        return "unknown command";

    struct arg args[2] = { 0 };
    size_t count = 0;
    const char *error = NULL;
    for (; line && !error; count++) {
        const char *word = strsep(&line, " ");
        if (count == strlen(command->kinds))
            error = "too many arguments";
        else if (!parse_arg(command->kinds[count], word, &args[count]))
            error = "malformed argument";
    }
    ConnContext *best = otrl_context_find(peer->us, peer->name, peer->account, peer->protocol, OTRL_INSTAG_BEST, 0,
                                          NULL, NULL, NULL);
    if (!error && count < command->required)
        error = "too few arguments";
    /* A v3 context made beside an encrypted v2 one is called encrypted too, but has no keys and no fingerprint. */
    if (!error && command->needs_session && (best->msgstate != OTRL_MSGSTATE_ENCRYPTED || !best->active_fingerprint))
        error = "no encrypted session";
    if (!error)
        error = command->run(peer, best, args);
    free(args[0].data);
    free(args[1].data);
    return error;
}

/* Loads the account's key, or makes one if there is no such file; true if it was made. */
static bool load_key(const struct peer *peer, const char *file)
{
    gcry_error_t err = otrl_privkey_read(peer->us, file);
    bool missing = gcry_err_code(err) == GPG_ERR_ENOENT;
    if (missing)
        err = otrl_privkey_generate(peer->us, file, peer->account, peer->protocol);
    if (err)
        die(file, gcry_strerror(err));
    if (!otrl_privkey_find(peer->us, peer->account, peer->protocol))
        die(file, "has no key of this account");
    return missing;
}

/* Hands the tag over in the only form libotr reads, a line of its instance tag file. */
static void set_instance_tag(const struct peer *peer, otrl_instag_t tag)
{
    FILE *file = must(tmpfile());
    fprintf(file, "%s\t%s\t%08x\n", peer->account, peer->protocol, tag);
    rewind(file);
    otrl_instag_read_FILEp(peer->us, file);
    fclose(file);
    const OtrlInsTag *found = otrl_instag_find(peer->us, peer->account, peer->protocol);
    if (!found || found->instag != tag)
        die("instance tag", "libotr does not accept it for this account");
}

static long long option_number(const char *text, int base)
{
    long long number;
    if (!parse_number(text, base, &number) || number < 0)
        die(text, "not a 32-bit number");
    return number;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        { "key", required_argument, NULL, 'k' },      { "account", required_argument, NULL, 'a' },
        { "protocol", required_argument, NULL, 'p' }, { "instance-tag", required_argument, NULL, 'i' },
        { "policy", required_argument, NULL, 'o' },   { "max-size", required_argument, NULL, 'm' },
        { "peer", required_argument, NULL, 'n' },     { 0 },
    };
    struct peer peer = { .name = "peer", .policy = OTRL_POLICY_MANUAL };
    const char *key = NULL;
    OTRL_INIT;
    otrl_instag_t tag = otrl_instag_get_new();
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;)
        switch (option) {
        case 'k': key = optarg; break;
        case 'a': peer.account = optarg; break;
        case 'p': peer.protocol = optarg; break;
        case 'i': tag = (otrl_instag_t)option_number(optarg, 16); break;
        case 'o': peer.policy = (OtrlPolicy)option_number(optarg, 16); break;
        case 'm': peer.max_size = (int)option_number(optarg, 10); break;
        case 'n': peer.name = optarg; break;
        default: return 2;
        }
    if (!key || !peer.account || !peer.protocol || optind != argc) {
        fprintf(stderr, "usage: %s --key FILE --account NAME --protocol NAME [--instance-tag HEX8] [--policy HEX]"
                        " [--max-size BYTES] [--peer NAME]\n", argv[0]);
        return 2;
    }
    if (peer.max_size && peer.max_size <= 37) /* libotr divides by what a header of 37 bytes leaves */
        die("--max-size", "leaves no room for a fragment");

    peer.us = must(otrl_userstate_create());
    set_instance_tag(&peer, tag);
    bool generated = load_key(&peer, key);
    /* The master context, made here so that there always is a best one. */
    otrl_context_find(peer.us, peer.name, peer.account, peer.protocol, OTRL_INSTAG_MASTER, 1, NULL, NULL, NULL);

    unsigned char fingerprint[20];
    otrl_privkey_fingerprint_raw(peer.us, fingerprint, peer.account, peer.protocol);
    printf("ready");
    print_hex(fingerprint, sizeof fingerprint);
    printf(" %08x %s\n", tag, generated ? "generated" : "loaded");
    fflush(stdout);

    char *line = NULL;
    size_t size = 0;
    for (ssize_t len; (len = getline(&line, &size, stdin)) != -1;) {
        if (line[len - 1] == '\n')
            line[--len] = '\0';
        const char *error = strlen(line) == (size_t)len ? run(&peer, line) : "the line has a NUL";
        if (error) {
            printf("error");
            end_line(error);
        }
        puts("done");
        fflush(stdout);
    }
    free(line);
    otrl_userstate_free(peer.us);
    return EXIT_SUCCESS;
}
