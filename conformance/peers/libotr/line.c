#include "line.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libotr/b64.h>

void die(const char *what, const char *why)
{
    fprintf(stderr, "libotr-peer: %s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

void *must(void *memory)
{
    if (!memory)
        die("memory", strerror(ENOMEM));
    return memory;
}

/* Base64 in fresh memory. */
static char *encode(const void *data, size_t len)
{
    char *text = must(malloc((len + 2) / 3 * 4 + 1));
    text[otrl_base64_encode(text, data, len)] = '\0';
    return text;
}

void print_base64(const void *data, size_t len)
{
    char *text = encode(data, len);
    printf(" %s", len ? text : "-");
    free(text);
}

void print_hex(const unsigned char *data, size_t len)
{
    putchar(' ');
    for (size_t i = 0; i < len; i++)
        printf("%02x", data[i]);
}

void end_line(const char *text)
{
    if (text)
        print_base64(text, strlen(text));
    putchar('\n');
}

bool parse_number(const char *word, int base, long long *number)
{
    char *end;
    *number = strtoll(word, &end, base);
    return *word && !*end && *number >= INT32_MIN && *number <= UINT32_MAX;
}

bool parse_arg(char kind, const char *word, struct arg *arg)
{
    if (kind == 'n')
        return parse_number(word, 10, &arg->number);
    size_t len = strcmp(word, "-") ? strlen(word) : 0;
    arg->data = must(malloc((len + 3) / 4 * 3 + 1));
    arg->len = otrl_base64_decode((unsigned char *)arg->data, word, len);
    arg->data[arg->len] = '\0';
    /* libotr's reader skips what it does not know; a word is strict base64 if encoding gives it back. */
    char *again = encode(arg->data, arg->len);
    bool same = strcmp(again, len ? word : "") == 0;
    free(again);
    return (same && (len || *word)) && (kind == 'b' || strlen(arg->data) == arg->len);
}
