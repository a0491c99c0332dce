/*
 * libotr as a contender: both sides of a conversation in one process. ../README.md describes what it is asked and
 * what it prints.
 */
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gcrypt.h>
#include <libotr/proto.h>
#include <libotr/message.h> /* after proto.h, whose types it uses */
#include <libotr/privkey.h>

#define PROTOCOL "bench"
enum { NAME_SIZE = 32, CONTACTS_FOR_HEAP = 100 };

/* One account; every callback gets it as `opdata`. */
struct side {
    OtrlUserState us;
    const char *account;
    struct side *other;
    bool asked;               /* for the secret of SMP */
    unsigned secured, equal;  /* how often */
    size_t read;              /* bytes of text */
};

/* A message on its way; the contact's name is the same on both sides. */
struct message {
    struct message *next;
    struct side *to;
    char name[NAME_SIZE];
    char *text;
};

static struct side alice = { .account = "alice" }, bob = { .account = "bob", .other = &alice };
static struct message *first, **last = &first;
static int max_size; /* of a message in bytes; 0 = unlimited */

_Noreturn static void die(const char *what)
{
    fprintf(stderr, "libotr: %s\n", what);
    exit(EXIT_FAILURE);
}

static void check(bool holds, const char *what)
{
    if (!holds)
        die(what);
}

/* ---- What libotr calls ---- */

static OtrlPolicy on_policy(void *, ConnContext *) { return OTRL_POLICY_ALLOW_V3; }

static int on_max_message_size(void *, ConnContext *) { return max_size; }

static int on_is_logged_in(void *, const char *, const char *, const char *) { return 1; }

static void on_inject(void *opdata, const char *, const char *, const char *recipient, const char *text)
{
    struct message *message = calloc(1, sizeof *message);
    check(message && (message->text = strdup(text)), "no memory");
    message->to = ((struct side *)opdata)->other;
    snprintf(message->name, sizeof message->name, "%s", recipient);
    *last = message;
    last = &message->next;
}

static void on_gone_secure(void *opdata, ConnContext *) { ((struct side *)opdata)->secured++; }

static void on_smp_event(void *opdata, OtrlSMPEvent event, ConnContext *, unsigned short, char *)
{
    struct side *side = opdata;
    side->asked |= event == OTRL_SMPEVENT_ASK_FOR_SECRET;
    side->equal += event == OTRL_SMPEVENT_SUCCESS;
}

static const OtrlMessageAppOps ops = {
    .policy = on_policy,
    .max_message_size = on_max_message_size,
    .is_logged_in = on_is_logged_in,
    .inject_message = on_inject,
    .gone_secure = on_gone_secure,
    .handle_smp_event = on_smp_event,
};

/* ---- A conversation ---- */

static void send_text(struct side *from, const char *name, const char *text)
{
    char *replaced = NULL;
    gcry_error_t error = otrl_message_sending(from->us, &ops, from, from->account, PROTOCOL, name, OTRL_INSTAG_BEST,
                                              text, NULL, &replaced, OTRL_FRAGMENT_SEND_ALL, NULL, NULL, NULL);
    check(!error && replaced, "a text that was not sent encrypted");
    otrl_message_free(replaced);
}

/* Delivers what is on its way, and what that brings about. */
static void carry(void)
{
    while (first) {
        struct message *message = first;
        struct side *to = message->to;
        char *shown = NULL;
        OtrlTLV *tlvs = NULL;
        if (!otrl_message_receiving(to->us, &ops, to, to->account, PROTOCOL, message->name, message->text, &shown,
                                    &tlvs, NULL, NULL, NULL))
            to->read += strlen(shown ? shown : message->text);
        otrl_tlv_free(tlvs);
        otrl_message_free(shown);
        first = message->next;
        if (!first)
            last = &first;
        free(message->text);
        free(message);
    }
}

static ConnContext *context(struct side *side, const char *name, otrl_instag_t which, bool make)
{
    return otrl_context_find(side->us, name, side->account, PROTOCOL, which, make, NULL, NULL, NULL);
}

static void connect_as(const char *name)
{
    alice.secured = bob.secured = 0;
    send_text(&alice, name, "?OTR?"); /* libotr replaces it by a query */
    carry();
    check(alice.secured == 1 && bob.secured == 1, "a key exchange that did not secure both");
}

/* ---- What is measured ---- */

static const char *name = "contact", *text;
static struct side *writer = &alice;

static void key_generation(void)
{
    void *key;
    check(!otrl_privkey_generate_start(alice.us, "other", PROTOCOL, &key), "no key");
    otrl_privkey_generate_calculate(key);
    otrl_privkey_generate_cancelled(alice.us, key);
}

static void key_exchange(void)
{
    otrl_context_forget_all(alice.us);
    otrl_context_forget_all(bob.us);
    connect_as(name);
}

static void smp(void)
{
    static const unsigned char secret[] = "the same on both sides";
    alice.equal = bob.equal = bob.asked = 0;
    ConnContext *context_of_alice = context(&alice, name, OTRL_INSTAG_BEST, false);
    otrl_message_initiate_smp(alice.us, &ops, &alice, context_of_alice, secret, sizeof secret);
    carry();
    check(bob.asked, "nobody was asked");
    otrl_message_respond_smp(bob.us, &ops, &bob, context(&bob, name, OTRL_INSTAG_BEST, false), secret, sizeof secret);
    carry();
    check(alice.equal && bob.equal, "secrets that are not equal");
}

static void one_way(void)
{
    writer->other->read = 0;
    send_text(writer, name, text);
    carry();
    check(writer->other->read == strlen(text), "a text that was not read");
}

static void ping_pong(void)
{
    one_way();
    writer = writer->other;
}

/* Nanoseconds of the process's CPU time. */
static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static double batch(void (*run)(void), unsigned long times)
{
    double start = now();
    for (unsigned long i = 0; i < times; i++)
        run();
    return now() - start;
}

static void measure(void (*run)(void), double milliseconds)
{
    unsigned long times = 1;
    double took;
    while ((took = batch(run, times)) < 1e6)
        times *= 2;
    double end = now() + milliseconds * 1e6;
    do
        printf("%.0f\n", batch(run, times) / (double)times);
    while (now() < end);
}

/* Bytes that an endpoint holds, as the allocator counts them. */
static void heap(void)
{
    char contact[NAME_SIZE];
    size_t before = mallinfo2().uordblks;
    for (int i = 0; i < CONTACTS_FOR_HEAP; i++) {
        snprintf(contact, sizeof contact, "%d", i);
        connect_as(contact);
    }
    printf("%zu\n", (mallinfo2().uordblks - before) / (2 * CONTACTS_FOR_HEAP));
}

/* Makes `count` contacts on each side, of whom the one in the middle is talked to. */
static void make_contacts(long count)
{
    static char contact[NAME_SIZE];
    for (long i = count; i-- > 0;) {
        snprintf(contact, sizeof contact, "%09ld", i);
        context(&alice, contact, OTRL_INSTAG_MASTER, true);
        context(&bob, contact, OTRL_INSTAG_MASTER, true);
    }
    snprintf(contact, sizeof contact, "%09ld", count / 2);
    name = contact;
}

static void make_account(struct side *side)
{
    side->us = otrl_userstate_create();
    FILE *file = tmpfile();
    check(side->us && file && !otrl_privkey_generate_FILEp(side->us, file, side->account, PROTOCOL), "no key");
    fclose(file);
    file = tmpfile();
    check(file && !otrl_instag_generate_FILEp(side->us, file, side->account, PROTOCOL), "no instance tag");
    fclose(file);
}

static const char *letters(size_t length)
{
    char *letters = malloc(length + 1);
    check(letters, "no memory");
    memset(letters, 'a', length);
    letters[length] = '\0';
    return letters;
}

static const struct operation {
    const char *name;
    void (*run)(void);
    size_t length; /* of the text */
    int max_size;
} operations[] = {
    { "keygen", key_generation, 0, 0 },       { "ake", key_exchange, 0, 0 },
    { "smp", smp, 0, 0 },                     { "ping-pong-100", ping_pong, 100, 0 },
    { "one-way-100", one_way, 100, 0 },       { "one-way-1k", one_way, 1024, 0 },
    { "one-way-64k", one_way, 64 * 1024, 0 }, { "fragments", one_way, 64 * 1024, 140 },
    { "sessions", one_way, 100, 0 },          { "heap", NULL, 0, 0 },
};

int main(int argc, char **argv)
{
    check(argc == 3 || argc == 4, "usage: contender OPERATION MILLISECONDS [COUNT]");
    const struct operation *operation = operations, *end = operations + sizeof operations / sizeof *operations;
    while (operation < end && strcmp(operation->name, argv[1]))
        operation++;
    check(operation < end, "unknown operation");

    OTRL_INIT;
    alice.other = &bob;
    if (operation->run != key_generation)
        make_account(&bob);
    make_account(&alice);
    text = letters(operation->length);
    max_size = operation->max_size;
    if (argc == 4)
        make_contacts(atol(argv[3]));
    if (operation->run != key_generation)
        connect_as(name);
    if (operation->run)
        measure(operation->run, atof(argv[2]));
    else
        heap();
    return EXIT_SUCCESS;
}
