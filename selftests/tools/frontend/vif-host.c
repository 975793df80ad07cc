// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Frames of a played interface, and dom0's end of them: a packet socket. */

#include "play-vif.h"
/* behind what xen/io/ring.h builds on */
#include "segment.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <linux/virtio_net.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define ETHER 14
#define V6 40 /* bytes of IPv6's header; its addresses are the last of them */
#define ADDRESSES 32
#define SUM offsetof(struct tcphdr, check)
#define BUFFER (4 << 20) /* bytes that wait in a socket */

struct seen {
	struct virtio_net_hdr about;
	uint8_t bytes[VIF_FRAME];
};

/* Ones' complement, of 16-bit words as they stand in memory. */
static uint32_t add_words(const uint8_t *at, unsigned long size)
{
	uint32_t sum = 0;
	uint16_t word;

	for (; size > 1; size -= 2, at += 2) {
		memcpy(&word, at, sizeof(word));
		sum += word;
	}
	return size ? sum + *at : sum;
}

static uint16_t fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

static bool is_v6(const struct vif_frame *frame)
{
	return frame->tcp == 6;
}

/* Where the header of TCP is, which is where its sum begins. */
static unsigned int tcp_at(const struct vif_frame *frame)
{
	return ETHER + (is_v6(frame) ? V6 : sizeof(struct iphdr));
}

unsigned int vif_frame_headers(const struct vif_frame *frame)
{
	return tcp_at(frame) + sizeof(struct tcphdr);
}

static uint32_t add_pseudo_header(const struct vif_frame *frame,
				  const uint8_t *bytes, unsigned long size)
{
	unsigned int addresses = is_v6(frame) ? ADDRESSES : 8;
	unsigned int at = tcp_at(frame);

	return add_words(bytes + at - addresses, addresses) +
	       htons(IPPROTO_TCP) + htons(size - at);
}

bool vif_frame_summed(const struct vif_frame *frame, const uint8_t *bytes,
		      unsigned long size)
{
	unsigned int at = tcp_at(frame);

	return fold(add_words(bytes + at, size - at) +
		    fold(add_pseudo_header(frame, bytes, size))) == 0xffff;
}

/* As a stack leaves it to who fills in the rest, or as it fills it in itself. */
static void put_sum(struct vif_frame *frame)
{
	uint8_t *tcp = frame->bytes + tcp_at(frame);
	uint16_t sum =
		fold(add_pseudo_header(frame, frame->bytes, frame->size));

	memcpy(tcp + SUM, &sum, sizeof(sum));
	if (frame->blank)
		return;
	sum = ~fold(add_words(tcp, frame->size - tcp_at(frame)));
	memcpy(tcp + SUM, &sum, sizeof(sum));
}

/* In the place of IPv4's header. */
static void put_v6(struct vif_frame *frame)
{
	uint8_t *ip = frame->bytes + ETHER;
	unsigned long length = frame->size - ETHER - V6;
	struct tcphdr tcp;

	memcpy(&tcp, ip + sizeof(struct iphdr), sizeof(tcp));
	memset(ip, 0, V6);
	memcpy(ip - 2, "\x86\xdd\x60", 3);
	ip[4] = length >> 8;
	ip[5] = length & 255;
	ip[6] = IPPROTO_TCP;
	ip[7] = 64; /* hops */
	ip[8] = 0xfd; /* fd00::1 to fd00::2 */
	ip[23] = 1;
	ip[24] = 0xfd;
	ip[39] = 2;
	memcpy(ip + V6, &tcp, sizeof(tcp));
}

int vif_frame_fill(struct vif_frame *frame)
{
	static const uint8_t from[] = { 2, 0, 0, 0, 0, 0x77 };
	uint8_t *at = frame->bytes;
	unsigned long i;

	if (frame->size <= (frame->tcp ? vif_frame_headers(frame) : ETHER) ||
	    frame->size + (frame->vlan ? VIF_TAG : 0) >= VIF_FRAME) {
		fprintf(stderr, "no frame has %lu bytes\n", frame->size);
		return -EINVAL;
	}
	for (i = 0; i < frame->size; i++)
		at[i] = i + (i >> 8) * 7 + frame->flow * 31;
	if (frame->tcp) {
		segment_write(at, frame->flow, 0, frame->size - HEADERS);
		if (is_v6(frame))
			put_v6(frame);
		put_sum(frame);
		return 0;
	}
	memset(at, 0xff, 6);
	if (frame->group) {
		memcpy(at, "\x01\x00\x5e\x00\x00", 5);
		at[5] = frame->group;
	}
	memcpy(at + 6, from, sizeof(from));
	at[12] = VIF_ETHERTYPE >> 8;
	at[13] = VIF_ETHERTYPE & 255;
	return 0;
}

bool vif_frame_is(const struct vif_frame *frame, const uint8_t *bytes,
		  unsigned long size)
{
	unsigned int sum = tcp_at(frame) + SUM;
	unsigned long i;

	if (size != frame->size) {
		fprintf(stderr, "%lu bytes, not %lu\n", size, frame->size);
		return false;
	}
	for (i = 0; i < size; i++) {
		if (bytes[i] == frame->bytes[i] ||
		    (frame->tcp && (i == sum || i == sum + 1)))
			continue;
		fprintf(stderr, "byte %lu is %#x, not %#x\n", i, bytes[i],
			frame->bytes[i]);
		return false;
	}
	return true;
}

int vif_host_open(void)
{
	int fd = socket(AF_PACKET, SOCK_RAW, 0);
	int one = 1;

	if (fd >= 0 &&
	    !setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(one)) &&
	    !setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &one, sizeof(one)))
		return fd;
	fprintf(stderr, "no packet socket: %s\n", strerror(errno));
	return -errno;
}

static struct sockaddr_ll address(struct play *play, unsigned int protocol)
{
	return (struct sockaddr_ll){
		.sll_family = AF_PACKET,
		.sll_protocol = htons(protocol),
		.sll_ifindex = if_nametoindex(play->vif->name),
		.sll_halen = 6,
	};
}

int vif_host_listen(struct play *play)
{
	/* slots are answered before their packet is with the stack */
	struct timeval patience = { .tv_sec = VIF_WAIT_MS / 1000 };
	struct sockaddr_ll at = address(play, ETH_P_ALL);
	int buffer = BUFFER;
	int fd = vif_host_open();

	if (fd < 0)
		return fd;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer));
	if (!bind(fd, (void *)&at, sizeof(at)))
		return fd;
	fprintf(stderr, "cannot listen to %s: %s\n", play->vif->name,
		strerror(errno));
	close(fd);
	return -EIO;
}

static uint8_t segments_of(const struct vif_frame *frame)
{
	return is_v6(frame) ? VIRTIO_NET_HDR_GSO_TCPV6 :
			      VIRTIO_NET_HDR_GSO_TCPV4;
}

/* What the stack was told of it. */
static bool is_about(const struct vif_frame *frame,
		     const struct virtio_net_hdr *about)
{
	bool partial = frame->blank || frame->gso;
	uint8_t flags = partial	     ? VIRTIO_NET_HDR_F_NEEDS_CSUM :
			frame->valid ? VIRTIO_NET_HDR_F_DATA_VALID :
				       0;
	uint8_t type = frame->gso ? segments_of(frame) :
				    VIRTIO_NET_HDR_GSO_NONE;

	if (about->flags == flags && about->gso_type == type &&
	    about->gso_size == frame->gso &&
	    (!partial ||
	     (about->csum_start == tcp_at(frame) && about->csum_offset == SUM)))
		return true;
	fprintf(stderr, "flags %u, segments of type %u and %u bytes\n",
		about->flags, about->gso_type, about->gso_size);
	return false;
}

/* What is left blank begins with the sum of the pseudo header. */
static bool is_begun(const struct vif_frame *frame, const uint8_t *bytes)
{
	uint16_t sum = fold(add_pseudo_header(frame, bytes, frame->size)), got;

	memcpy(&got, bytes + tcp_at(frame) + SUM, sizeof(got));
	if (got == sum)
		return true;
	fprintf(stderr, "the checksum is %#x, not %#x\n", got, sum);
	return false;
}

/* The tag, which the stack has put aside; 0 is none. */
static unsigned int tag_of(struct msghdr *message)
{
	const struct cmsghdr *part = CMSG_FIRSTHDR(message);
	struct tpacket_auxdata aux = { 0 };

	if (part && part->cmsg_type == PACKET_AUXDATA)
		memcpy(&aux, CMSG_DATA(part), sizeof(aux));
	return aux.tp_status & TP_STATUS_VLAN_VALID ? aux.tp_vlan_tci : 0;
}

/* The next frame out of the frontend, past those that dom0 sent. */
static ssize_t next_frame(int fd, struct seen *seen, unsigned int *tag)
{
	char parts[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	struct iovec at = { .iov_base = seen, .iov_len = sizeof(*seen) };
	struct sockaddr_ll from;
	ssize_t got;

	do {
		struct msghdr message = {
			.msg_name = &from,
			.msg_namelen = sizeof(from),
			.msg_iov = &at,
			.msg_iovlen = 1,
			.msg_control = parts,
			.msg_controllen = sizeof(parts),
		};

		got = recvmsg(fd, &message, 0);
		*tag = got < 0 ? 0 : tag_of(&message);
	} while (got >= 0 && from.sll_pkttype == PACKET_OUTGOING);
	return got;
}

int vif_host_expect(int fd, const struct vif_frame *frame)
{
	static struct seen seen;
	unsigned int tag;
	ssize_t got = next_frame(fd, &seen, &tag);

	if (got < 0) {
		fprintf(stderr, "dom0 does not get it: %s\n", strerror(errno));
		return -ETIMEDOUT;
	}
	if (tag != frame->vlan) {
		fprintf(stderr, "tag %u, not %lu\n", tag, frame->vlan);
		return -EPROTO;
	}
	if (!vif_frame_is(frame, seen.bytes, got - sizeof(seen.about)) ||
	    !is_about(frame, &seen.about) ||
	    ((frame->blank || frame->gso) && !is_begun(frame, seen.bytes)))
		return -EILSEQ;
	return 0;
}

/*
 * The stack hears of the carrier some time later, and drops what it is to send until
 * then. It is at that with a lock held, which the last of these calls takes as well.
 */
static int wait_running(struct play *play)
{
	struct ethtool_value link = { .cmd = ETHTOOL_GLINK };
	int tries = VIF_WAIT_MS / POLL_MS;
	struct ifreq request = { 0 };

	do {
		memcpy(request.ifr_name, play->vif->name,
		       sizeof(request.ifr_name));
		if (ioctl(play->vif->fd, SIOCGIFFLAGS, &request))
			break;
		if (request.ifr_flags & IFF_RUNNING) {
			request.ifr_data = (void *)&link;
			return ioctl(play->vif->fd, SIOCETHTOOL, &request);
		}
		usleep(POLL_MS * 1000);
	} while (tries-- > 0);
	fprintf(stderr, "%s has no carrier\n", play->vif->name);
	return -ETIMEDOUT;
}

int vif_host_send(struct play *play, const struct vif_frame *frame)
{
	static struct seen out;
	struct sockaddr_ll to =
		address(play, frame->bytes[12] << 8 | frame->bytes[13]);
	ssize_t length = sizeof(out.about) + frame->size;
	int err = wait_running(play);

	if (err)
		return err;
	memset(&out.about, 0, sizeof(out.about));
	if (frame->blank) {
		out.about.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		out.about.csum_start = tcp_at(frame);
		out.about.csum_offset = SUM;
	}
	if (frame->gso) {
		out.about.gso_type = segments_of(frame);
		out.about.gso_size = frame->gso;
		out.about.hdr_len = vif_frame_headers(frame);
	}
	memcpy(out.bytes, frame->bytes, frame->size);
	if (sendto(play->vif->fd, &out, length, 0, (void *)&to, sizeof(to)) ==
	    length)
		return 0;
	fprintf(stderr, "dom0 cannot send: %s\n", strerror(errno));
	return -EIO;
}
