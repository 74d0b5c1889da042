/* SPDX-License-Identifier: Apache-2.0 */
#include "base/list.h"

#include "base/assert.h"

static void
insert(struct list *node, struct list *prev, struct list *next)
{
	TROTH_ASSERT(base_list_empty(node));
	node->prev = prev;
	node->next = next;
	prev->next = node;
	next->prev = node;
}

void
base_list_init(struct list *l)
{
	l->next = l->prev = l;
}

void
base_list_push_back(struct list *head, struct list *node)
{
	insert(node, head->prev, head);
}

void
base_list_push_front(struct list *head, struct list *node)
{
	insert(node, head, head->next);
}

void
base_list_remove(struct list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	base_list_init(node);
}

bool
base_list_empty(const struct list *head)
{
	return head->next == head;
}

struct list *
base_list_pop_front(struct list *head)
{
	struct list *node = head->next;

	if (node == head)
		return NULL;
	base_list_remove(node);
	return node;
}
