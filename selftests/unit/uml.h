/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The unit tests are built for User Mode Linux, on which there is no Xen. What
 * the headers of Xen want of x86 besides; nothing that is tested uses it.
 */
#ifndef XEN_BACKENDS_UNIT_UML_H
#define XEN_BACKENDS_UNIT_UML_H

#define pteval_t unsigned long
#define __sme_clr(address) (address)
#define massage_pgprot(prot) pgprot_val(prot)
#define hypervisor_cpuid_base(...) 0

#endif
