/* os/map_test.c - files as memory: what is there, what is empty, what cannot be had. */
#include <string.h>
#include <sys/stat.h>

#include "os/os.h"
#include "test/check.h"

TEST(maps_whole_files)
{
	char folder[] = "/tmp/hutong-map-XXXXXX", path[64];
	static const char text[] = "北京 and more";
	struct ht_bytes map;
	FILE *file;

	if (!CHECK(mkdtemp(folder)))
		return;
	snprintf(path, sizeof path, "%s/f", folder);
	CHECK(ht_file_map(path, &map) == HT_E_MISSING && !map.at && !map.len);
	file = fopen(path, "w");
	if (!CHECK(file))
		return;
	CHECK(ht_file_map(path, &map) == HT_OK && !map.len);
	ht_file_unmap(map);
	fwrite(text, 1, sizeof text, file);
	fclose(file);
	CHECK(ht_file_map(path, &map) == HT_OK && map.len == sizeof text && !memcmp(map.at, text, sizeof text));
	ht_file_unmap(map);
	CHECK(ht_file_map(folder, &map) == HT_E_DENIED && !map.at);
	unlink(path);
	CHECK(!mkfifo(path, 0600));
	CHECK(ht_file_map(path, &map) == HT_E_DENIED); /* and does not wait for a writer */
	unlink(path);
	rmdir(folder);
}

CHECK_MAIN(TEST_ROW(maps_whole_files))
