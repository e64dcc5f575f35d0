/* base/count.h - the number of elements of an array. */
#ifndef HT_BASE_COUNT_H
#define HT_BASE_COUNT_H

#define HT_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The struct of type `type` whose member `member` is at `pointer`. */
#define HT_CONTAINER(pointer, type, member) ((type *)(void *)((char *)(pointer) - offsetof(type, member)))

#endif
