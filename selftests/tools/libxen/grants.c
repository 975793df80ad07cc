// SPDX-License-Identifier: GPL-2.0 OR MIT
/* libxengnttab: pages shared, mapped, copied, and what is told of their end. */

#include "libxen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGES 20
#define SOURCE_IS_GRANT 1
#define DEST_IS_GRANT 2

struct world {
	xengnttab_handle *tab;
	xengntshr_handle *shr;
	uint32_t ref[PAGES];
	char *shared;
};

static void test_map_refs(struct world *w)
{
	uint32_t domid[PAGES] = { 0 };
	uint32_t bad[2] = { w->ref[0], 0x7fffff };
	char *one, *all, *again;

	one = xengnttab_map_grant_ref(w->tab, 0, w->ref[3],
				      PROT_READ | PROT_WRITE);
	all = xengnttab_map_grant_refs(w->tab, PAGES, domid, w->ref, PROT_READ);
	again = xengnttab_map_domain_grant_refs(w->tab, PAGES, 0, w->ref,
						PROT_READ | PROT_WRITE);
	check("map one", !!one);
	check("map grants", !!all);
	check("map grants of a domain", !!again);
	if (!one || !all || !again)
		return;
	check("contents", !memcmp(all, w->shared, PAGES * PAGE));
	check("contents again", !memcmp(again, w->shared, PAGES * PAGE));
	one[5] = 'x';
	again[7 * PAGE] = 'y';
	check("written",
	      w->shared[3 * PAGE + 5] == 'x' && w->shared[7 * PAGE] == 'y');
	check("seen by the other map", all[3 * PAGE + 5] == 'x');
	check("map a bad one",
	      !xengnttab_map_domain_grant_refs(w->tab, 2, 0, bad, PROT_READ));
	check("unmap one", !xengnttab_unmap(w->tab, one, 1));
	check("unmap too many", xengnttab_unmap(w->tab, all, PAGES + 1) < 0);
	check("unmap grants", !xengnttab_unmap(w->tab, all, PAGES));
	check("the other map stays", again[3 * PAGE + 5] == 'x');
	check("unmap grants of a domain",
	      !xengnttab_unmap(w->tab, again, PAGES));
}

/* Byte and event for the granter when the mapping goes, and the other way. */
static void test_notify(struct world *w)
{
	int both_ways = PROT_READ | PROT_WRITE;
	struct events ev;
	uint32_t ref = 0;
	char *at, *mapped;

	events_open(&ev);
	w->shared[2 * PAGE + 17] = 1;
	w->shared[2 * PAGE + 18] = 1;
	at = xengnttab_map_grant_ref_notify(w->tab, 0, w->ref[2], both_ways, 17,
					    ev.near);
	check("map with notification", !!at);
	check("no event yet", !events_wait(&ev, 100));
	check("unmap", at && !xengnttab_unmap(w->tab, at, 1));
	check("event of the unmap", events_wait(&ev, 2000));
	check("byte of the unmap",
	      w->shared[2 * PAGE + 17] == 0 && w->shared[2 * PAGE + 18] == 1);
	xenevtchn_unmask(ev.handle, ev.far);

	at = xengntshr_share_page_notify(w->shr, 0, &ref, 1, 33, ev.near);
	check("share with notification", !!at);
	mapped = at ? xengnttab_map_grant_ref(w->tab, 0, ref, PROT_READ) : NULL;
	check("map it", !!mapped);
	if (mapped) {
		at[33] = 1;
		at[34] = 1;
		check("unshare", !xengntshr_unshare(w->shr, at, 1));
		check("event of the end", events_wait(&ev, 2000));
		check("byte of the end", mapped[33] == 0 && mapped[34] == 1);
		check("unmap", !xengnttab_unmap(w->tab, mapped, 1));
	}
	events_close(&ev);
}

static void test_copy(struct world *w)
{
	xengnttab_grant_copy_segment_t seg[3];
	static char local[2 * PAGE];
	char *middle = local + PAGE / 2;

	memset(seg, 0, sizeof(seg));
	memset(local, 'l', sizeof(local));
	memset(w->shared, 's', PAGE);
	memset(w->shared + PAGE, 't', 2 * PAGE);
	seg[0].source.foreign.ref = w->ref[0];
	seg[0].dest.virt = middle;
	seg[0].len = PAGE;
	seg[0].flags = SOURCE_IS_GRANT;
	seg[1].source.virt = "told";
	seg[1].dest.foreign.ref = w->ref[1];
	seg[1].dest.foreign.offset = 90;
	seg[1].len = 4;
	seg[1].flags = DEST_IS_GRANT;
	seg[2].source.foreign.ref = 0x7fffff;
	seg[2].dest.virt = local;
	seg[2].len = 4;
	seg[2].flags = SOURCE_IS_GRANT;
	check("copy", !xengnttab_grant_copy(w->tab, 3, seg));
	check("statuses", !seg[0].status && !seg[1].status && seg[2].status);
	check("copied in", middle[0] == 's' && middle[PAGE - 1] == 's');
	check("bytes around it", middle[-1] == 'l' && middle[PAGE] == 'l');
	check("copied out", !memcmp(w->shared + PAGE + 89, "ttoldt", 6));
	seg[0].flags = 0;
	check("copy of nothing granted",
	      xengnttab_grant_copy(w->tab, 1, seg) < 0 && errno == EINVAL);
}

void test_grants(void)
{
	struct world w = { 0 };
	unsigned int i;

	w.tab = xengnttab_open(NULL, 0);
	w.shr = xengntshr_open(NULL, 0);
	check("open", w.tab && w.shr);
	if (!w.tab || !w.shr)
		return;
	w.shared = xengntshr_share_pages(w.shr, 0, PAGES, w.ref, 1);
	check("share pages", !!w.shared);
	if (!w.shared)
		return;
	for (i = 0; i < PAGES; i++)
		memset(w.shared + i * PAGE, 'a' + i, PAGE);
	test_map_refs(&w);
	test_notify(&w);
	test_copy(&w);
	check("unshare", !xengntshr_unshare(w.shr, w.shared, PAGES));
	check("map what is shared no more",
	      !xengnttab_map_grant_ref(w.tab, 0, w.ref[0], PROT_READ));
	check("close", !xengnttab_close(w.tab) && !xengntshr_close(w.shr));
}
