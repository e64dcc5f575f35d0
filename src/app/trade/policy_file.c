/* app/trade/policy_file.c - reading the file of --policy. */
#include "app/trade/policy_file.h"

#include "os/os.h"

int ht_policy_file(struct ht_client *c, const struct ht_setting_value *name, struct ht_text *out)
{
	struct ht_refusal why = { 0 };
	struct ht_bytes map;
	struct ht_json *json;
	enum ht_err err;
	bool good;

	*out = HT_TEXT("");
	if (!name->set)
		return HT_EXIT_DONE;
	err = ht_file_map(ht_text_z(c->arena, name->text), &map);
	if (err)
		return ht_client_fail(c, name->text, err, NULL);
	json = ht_json_read(map, &ht_json_small, &why);
	good = ht_json_is_object(json);
	if (good)
		*out = ht_text_trim(ht_text_copy(c->arena, ht_bytes_text(map)));
	ht_json_free(json);
	ht_file_unmap(map);
	if (!json)
		return ht_client_usage(c, ht_text_z(c->arena, name->text),
				       ht_text_z(c->arena, ht_text_format(c->arena, "%s " HT_TEXT_FMT, ht_refuse_text(why.code, c->lang),
									  HT_TEXT_ARG(why.detail))));
	return good ? HT_EXIT_DONE : ht_client_usage(c, "--policy", HT_PICK(c->lang, "is not a JSON object", "不是 JSON 对象"));
}
