// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Which pages are taken for mappings of grants. */

#include <kunit/test.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>

#include "gntdev/gntdev.h"

/* As gnttab_pages_set_private() and gnttab_map_refs() leave a page. */
static struct page *grant_page(struct kunit *test)
{
	struct page *page = alloc_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	SetPagePrivate(page);
	SetPageForeign(page);
	*xen_page_foreign(page) =
		(struct xen_page_foreign){ .domid = 7, .gref = 300 };
	return page;
}

/* It is freed with none of that. */
static void drop_page(struct page *page)
{
	ClearPageForeign(page);
	ClearPagePrivate(page);
	page->mapping = NULL;
	set_page_private(page, 0);
	__free_page(page);
}

static void a_grant_is_found(struct kunit *test)
{
	const struct xen_page_foreign *foreign;
	struct page *page = grant_page(test);

	foreign = gnt_page_foreign(page);
	KUNIT_EXPECT_NOT_NULL(test, foreign);
	if (foreign) {
		KUNIT_EXPECT_EQ(test, foreign->domid, 7);
		KUNIT_EXPECT_EQ(test, foreign->gref, 300);
	}
	ClearPageForeign(page);
	KUNIT_EXPECT_NULL(test, gnt_page_foreign(page));
	drop_page(page);
}

/* The bit is PG_swapcache there, and the entry is where a grant would be. */
static void a_page_in_the_swap_cache_is_none(struct kunit *test)
{
	struct page *page = grant_page(test);
	unsigned long anon;

	ClearPagePrivate(page);
	anon = (unsigned long)&anon | PAGE_MAPPING_ANON;
	page->mapping = (struct address_space *)anon;
	KUNIT_EXPECT_NULL(test, gnt_page_foreign(page));
	/* without the mapping, as between swap and its first user */
	page->mapping = NULL;
	KUNIT_EXPECT_NULL(test, gnt_page_foreign(page));
	drop_page(page);
}

/* The bit is PG_checked there, and file systems use PG_private, too. */
static void a_page_of_a_file_is_none(struct kunit *test)
{
	struct page *page = grant_page(test);
	struct address_space mapping;

	page->mapping = &mapping;
	KUNIT_EXPECT_NULL(test, gnt_page_foreign(page));
	drop_page(page);
}

static struct kunit_case foreign_cases[] = {
	KUNIT_CASE(a_grant_is_found),
	KUNIT_CASE(a_page_in_the_swap_cache_is_none),
	KUNIT_CASE(a_page_of_a_file_is_none),
	{},
};

static struct kunit_suite foreign_suite = {
	.name = "gnt-foreign",
	.test_cases = foreign_cases,
};

kunit_test_suite(foreign_suite);

MODULE_DESCRIPTION("Tests of which pages are mappings of grants");
MODULE_LICENSE("Dual MIT/GPL");
