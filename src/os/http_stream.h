/* os/http_stream.h - the body of an answer that goes on until somebody ends it: one thread puts pieces in, the server's loop sends them.
 *
 * A stream keeps one piece until all of it went to the loop, and takes no other before: who reads slowly holds nobody up and needs no
 * more memory. While there is nothing to send the connection sleeps, and no deadline runs; a client that does not take what there is
 * is cut by the server's idle_us. Such a body is chunked (HTTP/1.0: until the connection ends), never stored and not buffered by proxies.
 * Threads  the user's functions by one thread at a time, any one; not from `tell`.
 * Memory   two hold it: the user, until ht_http_stream_drop(), and the server, until the request is over. */
#ifndef HT_OS_HTTP_STREAM_H
#define HT_OS_HTTP_STREAM_H

#include "base/text.h"

struct ht_http_stream;

/* tell(self) is called when a stream that was not ready is, and when it is gone: mostly in the loop's thread, so it only passes that on.
 * self outlives the server. The stream is given to the server as a part of an answer (http_server.h); pieces may be put before. */
struct ht_http_stream *ht_http_stream_new(void (*tell)(void *self), void *self);
/* A piece is taken. False: the one before is not sent yet; `tell` says when it is. */
bool ht_http_stream_ready(struct ht_http_stream *s);
/* A copy of the piece is sent. Only after ht_http_stream_ready(). */
void ht_http_stream_put(struct ht_http_stream *s, struct ht_bytes piece);
/* The request is over, or was never answered with this stream: nobody reads what is put. */
bool ht_http_stream_gone(struct ht_http_stream *s);
/* The body ends behind what is in it. The user does not touch it any more. NULL is accepted. */
void ht_http_stream_drop(struct ht_http_stream *s);

#endif
