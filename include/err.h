/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What can go wrong: 0 or a negative number, one list for the tree.
 *
 * The numbers are the hypercall ABI: append, never renumber.  A function that can fail is
 * must_check, and unless its header says otherwise an error means that nothing has changed.
 */
#ifndef INCLUDE_ERR_H
#define INCLUDE_ERR_H

enum err {
	OK = 0,
	ERR_INVALID = -1,      /* an argument breaks the rule its header states */
	ERR_RANGE = -2,        /* outside the address space, or start + size leaves it */
	ERR_ALIGN = -3,        /* not a multiple of the granule, or of the block asked for */
	ERR_NOMEM = -4,        /* the pool or the quota cannot give what is needed */
	ERR_EXISTS = -5,       /* something is there already */
	ERR_NOENT = -6,        /* nothing is there */
	ERR_BUSY = -7,         /* in use, or in a state that forbids the operation */
	ERR_AGAIN = -8,        /* lost a race; what was wanted may have happened: look again */
	ERR_PERM = -9,         /* the caller may not do this to that */
	ERR_UNSUPPORTED = -10, /* this CPU, machine or build does not have it */
	ERR_FORMAT = -11,      /* a tree, an image or a text is malformed */
	ERR_FULL = -12,        /* a fixed table has no free place */
};

/* A few words for each, e.g. "no memory"; "unknown error" outside the list. */
static inline const char *err_text(enum err e)
{
	switch (e) {
	case OK: return "ok";
	case ERR_INVALID: return "invalid argument";
	case ERR_RANGE: return "out of range";
	case ERR_ALIGN: return "not aligned";
	case ERR_NOMEM: return "no memory";
	case ERR_EXISTS: return "exists already";
	case ERR_NOENT: return "not there";
	case ERR_BUSY: return "busy";
	case ERR_AGAIN: return "try again";
	case ERR_PERM: return "not permitted";
	case ERR_UNSUPPORTED: return "not supported";
	case ERR_FORMAT: return "malformed";
	case ERR_FULL: return "table full";
	}
	return "unknown error";
}

#endif
