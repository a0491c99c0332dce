/* The words of the line protocol: numbers, base64 and hexadecimal. README.md describes the lines. */
#ifndef LINE_H
#define LINE_H

#include <stdbool.h>
#include <stddef.h>

/* An argument of a command: a number, or bytes (NULL if not given) and a NUL which `len` does not count. */
struct arg {
    long long number;
    char *data; /* from malloc() */
    size_t len;
};

/* Says what went wrong on standard error and exits with 1. */
void die(const char *what, const char *why);

/* The memory, or death if there is none. */
void *must(void *memory);

/* A space and the bytes in base64 (`-` if there are none). */
void print_base64(const void *data, size_t len);

/* A space and two lower-case digits for each byte. */
void print_hex(const unsigned char *data, size_t len);

/* Ends a line, with a text in base64 unless it is NULL. */
void end_line(const char *text);

/* Reads a number of 32 bits, signed or not; false if `word` is none. */
bool parse_number(const char *word, int base, long long *number);

/*
 * Reads `word` into a zeroed argument; false if it is malformed. The kind is 'n' for a decimal number, 'b' for
 * bytes and 't' for text, which has no NUL because libotr takes C strings.
 */
bool parse_arg(char kind, const char *word, struct arg *arg);

#endif
