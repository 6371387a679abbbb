/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A circular doubly linked list.  A head that stands alone points to itself; a node that
 * stands in no list has two null pointers, so list_is_linked() can tell.
 */
#ifndef INCLUDE_LIST_H
#define INCLUDE_LIST_H

#include "include/types.h"

struct list {
	struct list *next;
	struct list *prev;
};

static inline void list_init(struct list *head)
{
	head->next = head;
	head->prev = head;
}

static inline bool list_is_empty(const struct list *head)
{
	return head->next == head;
}

static inline bool list_is_linked(const struct list *node)
{
	return node->next != NULL;
}

static inline void list_add_after(struct list *place, struct list *node)
{
	node->next = place->next;
	node->prev = place;
	place->next->prev = node;
	place->next = node;
}

static inline void list_add_first(struct list *head, struct list *node)
{
	list_add_after(head, node);
}

static inline void list_add_last(struct list *head, struct list *node)
{
	list_add_after(head->prev, node);
}

static inline void list_remove(struct list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	node->next = NULL;
	node->prev = NULL;
}

/* The first entry of a list that is not empty. */
#define list_first(head, type, member) container_of((head)->next, type, member)

/* Visits each entry; the list may not change meanwhile. */
#define list_for_each(e, head, type, member)                                                       \
	for ((e) = container_of((head)->next, type, member); &(e)->member != (head);               \
	     (e) = container_of((e)->member.next, type, member))

/* The same, where the visited entry may be removed; n is a second cursor. */
#define list_for_each_safe(e, n, head, type, member)                                               \
	for ((e) = container_of((head)->next, type, member),                                       \
	    (n) = container_of((e)->member.next, type, member);                                    \
	     &(e)->member != (head);                                                               \
	     (e) = (n), (n) = container_of((n)->member.next, type, member))

#endif
