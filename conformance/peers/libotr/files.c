/*
 * libotr as a reader and writer of its three files; README.md describes the arguments and the output.
 *
 * What libotr reads from a profile is shown, a new key is made, and libotr writes all of it to another profile.
 */
#include <stdio.h>
#include <stdlib.h>

#include <gcrypt.h>
#include <libotr/proto.h>
#include <libotr/message.h> /* after proto.h, whose types it uses */
#include <libotr/instag.h>
#include <libotr/privkey.h>

static const char *path(const char *folder, const char *name)
{
    static char path[4096];
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
        exit(2);
    return path;
}

static void check(const char *what, gcry_error_t error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s\n", what, gcry_strerror(error));
    exit(1);
}

static void print_hex(const unsigned char *bytes, int count)
{
    for (int i = 0; i < count; i++)
        printf("%02x", bytes[i]);
}

static void show(OtrlUserState us)
{
    for (OtrlPrivKey *key = us->privkey_root; key; key = key->next) {
        unsigned char fingerprint[20];
        if (!otrl_privkey_fingerprint_raw(us, fingerprint, key->accountname, key->protocol))
            exit(1);
        printf("key\t%s\t%s\t", key->accountname, key->protocol);
        print_hex(fingerprint, 20);
        putchar('\n');
    }
    for (ConnContext *context = us->context_root; context; context = context->next)
        for (Fingerprint *known = context->fingerprint_root.next; known; known = known->next) {
            printf("fingerprint\t%s\t%s\t%s\t", context->username, context->accountname, context->protocol);
            print_hex(known->fingerprint, 20);
            printf("\t%s\n", known->trust ? known->trust : "");
        }
    for (OtrlInsTag *tag = us->instag_root; tag; tag = tag->next)
        printf("tag\t%s\t%s\t%08x\n", tag->accountname, tag->protocol, tag->instag);
}

int main(int count, char **arguments)
{
    if (count != 5) {
        fprintf(stderr, "usage: %s FROM TO ACCOUNT PROTOCOL\n", arguments[0]);
        return 2;
    }
    const char *from = arguments[1], *to = arguments[2];
    OTRL_INIT;
    gcry_control(GCRYCTL_ENABLE_QUICK_RANDOM, 0); /* keys of tests need not be good */
    OtrlUserState us = otrl_userstate_create();
    check("private keys", otrl_privkey_read(us, path(from, "otr.private_key")));
    check("fingerprints", otrl_privkey_read_fingerprints(us, path(from, "otr.fingerprints"), NULL, NULL));
    check("instance tags", otrl_instag_read(us, path(from, "otr.instance_tags")));
    show(us);
    check("a new key", otrl_privkey_generate(us, path(to, "otr.private_key"), arguments[3], arguments[4]));
    check("writing fingerprints", otrl_privkey_write_fingerprints(us, path(to, "otr.fingerprints")));
    check("writing instance tags", otrl_instag_generate(us, path(to, "otr.instance_tags"), arguments[3], arguments[4]));
    otrl_userstate_free(us);
    return 0;
}
