// SPDX-License-Identifier: Apache-2.0
//
// toml++ behind a C interface.  No exception leaves this file: the library is
// used header-only with exceptions off, and allocation here is malloc.
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#include "ops/toml.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>

#include <toml++/toml.h>

namespace {

constexpr int depth_max = 16;

char *
dup_text(std::string_view s)
{
	// An embedded zero byte would silently cut the value in C.
	if (s.find('\0') != std::string_view::npos)
		return nullptr;
	char *p = static_cast<char *>(std::malloc(s.size() + 1));
	if (p != nullptr) {
		std::memcpy(p, s.data(), s.size());
		p[s.size()] = '\0';
	}
	return p;
}

ops_toml *convert(const toml::node &, int);

bool
convert_table(const toml::table &t, ops_toml *out, int depth)
{
	ops_toml **tail = &out->child;

	for (auto &&[k, v] : t) {
		ops_toml *c = convert(v, depth);
		if (c == nullptr)
			return false;
		*tail = c;
		tail = &c->next;
		if ((c->key = dup_text(k.str())) == nullptr)
			return false;
		if (c->line == 0)
			c->line = k.source().begin.line;
	}
	return true;
}

bool
convert_array(const toml::array &a, ops_toml *out, int depth)
{
	ops_toml **tail = &out->child;

	for (auto &&v : a) {
		ops_toml *c = convert(v, depth);
		if (c == nullptr)
			return false;
		*tail = c;
		tail = &c->next;
	}
	return true;
}

template <typename T>
bool
convert_time(const T &value, ops_toml *out)
{
	std::ostringstream os;

	os << value;
	out->kind = OPS_TOML_TIME;
	return (out->string = dup_text(os.str())) != nullptr;
}

bool
convert_value(const toml::node &n, ops_toml *out, int depth)
{
	if (auto t = n.as_table()) {
		out->kind = OPS_TOML_TABLE;
		return convert_table(*t, out, depth + 1);
	}
	if (auto a = n.as_array()) {
		out->kind = OPS_TOML_ARRAY;
		return convert_array(*a, out, depth + 1);
	}
	if (auto s = n.as_string()) {
		out->kind = OPS_TOML_STRING;
		return (out->string = dup_text(s->get())) != nullptr;
	}
	if (auto i = n.as_integer()) {
		out->kind = OPS_TOML_INTEGER;
		out->integer = i->get();
		out->number = static_cast<double>(i->get());
		return true;
	}
	if (auto d = n.as_floating_point()) {
		out->kind = OPS_TOML_FLOAT;
		out->number = d->get();
		return true;
	}
	if (auto b = n.as_boolean()) {
		out->kind = OPS_TOML_BOOLEAN;
		out->integer = b->get() ? 1 : 0;
		return true;
	}
	if (auto d = n.as_date())
		return convert_time(d->get(), out);
	if (auto t = n.as_time())
		return convert_time(t->get(), out);
	if (auto dt = n.as_date_time())
		return convert_time(dt->get(), out);
	return false;
}

ops_toml *
convert(const toml::node &n, int depth)
{
	if (depth > depth_max)
		return nullptr;
	auto *out = static_cast<ops_toml *>(std::calloc(1, sizeof(ops_toml)));
	if (out == nullptr)
		return nullptr;
	out->line = n.source().begin.line;
	if (!convert_value(n, out, depth)) {
		ops_toml_free(out);
		return nullptr;
	}
	return out;
}

} // namespace

extern "C" int
ops_toml_parse(const char *text, size_t len, struct ops_toml **ret_root,
    char *err, size_t errlen, uint32_t *ret_line)
{
	auto result = toml::parse(std::string_view(text, len));

	if (!result) {
		const auto &e = result.error();
		*ret_line = e.source().begin.line;
		std::string d(e.description());
		std::snprintf(err, errlen, "%s", d.c_str());
		return -1;
	}
	ops_toml *root = convert(result.table(), 0);
	if (root == nullptr) {
		*ret_line = 1;
		std::snprintf(err, errlen,
		    "a value with a zero byte, nested too deeply, or no "
		    "memory");
		return -1;
	}
	*ret_root = root;
	return 0;
}

extern "C" void
ops_toml_free(struct ops_toml *t)
{
	while (t != nullptr) {
		ops_toml *next = t->next;
		ops_toml_free(t->child);
		std::free(t->key);
		std::free(t->string);
		std::free(t);
		t = next;
	}
}

extern "C" struct ops_toml *
ops_toml_get(const struct ops_toml *table, const char *key)
{
	for (ops_toml *c = table->child; c != nullptr; c = c->next)
		if (c->key != nullptr && std::strcmp(c->key, key) == 0)
			return c;
	return nullptr;
}
