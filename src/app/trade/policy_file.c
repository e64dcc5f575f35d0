/* app/trade/policy_file.c - the one reader of files with a policy. */
#include "app/trade/policy_file.h"

#include "os/os.h"

/* Editors of some systems put it before a text. */
static const struct ht_text byte_order_mark = HT_TEXT_ROW("\xef\xbb\xbf");

int ht_policy_file_read(struct ht_client *c, const char *name, struct ht_text *out)
{
	struct ht_refusal why = { 0 };
	struct ht_bytes map;
	struct ht_text text;
	struct ht_json *json;
	enum ht_err err = ht_file_map(name, &map);
	bool good;

	*out = HT_TEXT("");
	if (err)
		return ht_client_fail(c, ht_text_of(name), err, NULL);
	text = ht_bytes_text(map);
	if (ht_text_starts(text, byte_order_mark))
		text = (struct ht_text){ text.at + byte_order_mark.len, text.len - byte_order_mark.len };
	json = ht_json_read(ht_text_bytes(text), &ht_json_small, &why);
	good = ht_json_is_object(json);
	if (good)
		*out = ht_text_trim(ht_text_copy(c->arena, text));
	ht_json_free(json);
	ht_file_unmap(map);
	if (!json)
		return ht_policy_file_refuse(c, name, &why);
	return good ? HT_EXIT_DONE : ht_client_usage(c, name, HT_PICK(c->lang, "is not a JSON object", "不是 JSON 对象"));
}

int ht_policy_file_refuse(struct ht_client *c, const char *name, const struct ht_refusal *why)
{
	const char *text = ht_refuse_text(why->code, c->lang);

	return ht_client_usage(
		c, name,
		ht_text_z(c->arena, ht_text_format(c->arena, "%s%s" HT_TEXT_FMT "%s" HT_TEXT_FMT, text, why->place.len ? " " : "",
						   HT_TEXT_ARG(why->place), why->detail.len ? " " : "", HT_TEXT_ARG(why->detail))));
}

int ht_policy_file(struct ht_client *c, const struct ht_setting_value *name, struct ht_text *out)
{
	*out = HT_TEXT("");
	return name->set ? ht_policy_file_read(c, ht_text_z(c->arena, name->text), out) : HT_EXIT_DONE;
}
