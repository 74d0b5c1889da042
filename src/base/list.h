/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Intrusive doubly linked list.  The head is a node linked to itself; a node
 * is embedded in the owner's struct and found again with LIST_ENTRY.
 */
struct list {
	struct list *next, *prev;
};

/* The struct of type ${type} whose member ${member} is the node ${node}. */
#define LIST_ENTRY(node, type, member)                                         \
	((type *)(void *)((char *)(node)-offsetof(type, member)))

/* Walk ${head}; the current node may be removed inside the loop. */
#define LIST_FOREACH(it, tmp, head)                                            \
	for ((it) = (head)->next, (tmp) = (it)->next; (it) != (head);          \
	     (it) = (tmp), (tmp) = (it)->next)

/**
 * base_list_init(l):
 * Make ${l} an empty head, or an unlinked node.
 */
void base_list_init(struct list *l);

/**
 * base_list_push_back(head, node):
 * Link ${node}, which must be unlinked, at the end of ${head}.
 */
void base_list_push_back(struct list *head, struct list *node);

/**
 * base_list_push_front(head, node):
 * Link ${node}, which must be unlinked, at the front of ${head}.
 */
void base_list_push_front(struct list *head, struct list *node);

/**
 * base_list_remove(node):
 * Unlink ${node}; removing an unlinked node does nothing.
 */
void base_list_remove(struct list *node);

/**
 * base_list_empty(head):
 * Return whether ${head} has no nodes (or a node is unlinked).
 */
bool base_list_empty(const struct list *head);

/**
 * base_list_pop_front(head):
 * Unlink and return the first node, or NULL when ${head} is empty.
 */
struct list *base_list_pop_front(struct list *head);

#endif
