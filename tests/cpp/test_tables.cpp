// The tables that number values, names, profiles and rows, under the sanitizers.
#include <array>
#include <cstdio>
#include <map>
#include <random>
#include <set>
#include <string>

#include "enishi/email.hpp"
#include "enishi/identifier.hpp"
#include "enishi/key_table.hpp"
#include "enishi/name_forms.hpp"
#include "enishi/row_hash.hpp"
#include "enishi/sightings.hpp"

using namespace enishi;

namespace {

int failures = 0;

void check(bool holds, const char *what) {
    if (!holds) {
        std::fprintf(stderr, "failed: %s\n", what);
        ++failures;
    }
}

// A column of text in one of Arrow's layouts, in buffers of exactly its size, so that a read past one is seen.
class Column {
  public:
    Column(const std::vector<std::string> &texts, const std::vector<bool> &valid, const char *format, size_t skip) {
        const size_t rows = texts.size();
        validity_.assign((rows + 7) / 8, 0);
        for (size_t i = 0; i < rows; ++i) validity_[i / 8] |= static_cast<uint8_t>(valid[i] << i % 8);
        buffers_.push_back(validity_.data());
        const bool views = format[0] == 'v', wide = format[0] == 'U' || format[0] == 'Z';
        if (views) {
            views_.resize(rows * 16);
            for (size_t i = 0; i < rows; ++i) {
                const auto size = static_cast<int32_t>(texts[i].size());
                char *view = views_.data() + i * 16;
                std::memcpy(view, &size, 4);
                if (size <= 12) {
                    std::memcpy(view + 4, texts[i].data(), texts[i].size());
                    continue;
                }
                const int32_t place[2] = {0, static_cast<int32_t>(bytes_.size())};
                std::memcpy(view + 4, texts[i].data(), 4);
                std::memcpy(view + 8, place, 8);
                bytes_.insert(bytes_.end(), texts[i].begin(), texts[i].end());
            }
            bytes_.shrink_to_fit();
            sizes_ = static_cast<int64_t>(bytes_.size());
            buffers_.insert(buffers_.end(), {views_.data(), bytes_.data(), &sizes_});
        } else {
            for (size_t i = 0; i <= rows; ++i) {
                narrow_.push_back(static_cast<int32_t>(bytes_.size()));
                wide_.push_back(static_cast<int64_t>(bytes_.size()));
                if (i < rows) bytes_.insert(bytes_.end(), texts[i].begin(), texts[i].end());
            }
            bytes_.shrink_to_fit();
            buffers_.push_back(wide ? static_cast<const void *>(wide_.data()) : narrow_.data());
            buffers_.push_back(bytes_.data());
        }
        schema_ = {format, "", nullptr, 0, 0, nullptr, nullptr, nullptr, nullptr};
        const auto offset = static_cast<int64_t>(std::min(skip, rows));
        array_ = {static_cast<int64_t>(rows) - offset, -1,      offset,  static_cast<int64_t>(buffers_.size()), 0,
                  buffers_.data(),                     nullptr, nullptr, nullptr,                              nullptr};
    }

    TextColumn text() const { return {schema_, array_}; }
    ArrowSchema &schema() { return schema_; }
    ArrowArray &array() { return array_; }

  private:
    std::vector<uint8_t> validity_;
    std::vector<char> views_, bytes_;
    std::vector<int32_t> narrow_;
    std::vector<int64_t> wide_;
    int64_t sizes_ = 0;
    std::vector<const void *> buffers_;
    ArrowSchema schema_{};
    ArrowArray array_{};
};

std::string hostile(std::mt19937 &rng) {
    static const char *const pieces[] = {"a", "@x.jp", "1", " ", "\xff", "\xe3\x81", "\xe3\x81\x82",
                                         "\xf0\x9f\x98\x80"};
    std::string text;
    for (size_t n = rng() % 5; n; --n) text += pieces[rng() % std::size(pieces)];
    if (rng() % 9 == 0) text += '\0';
    if (rng() % 99 == 0) text.append(rng() % 5000, 'x');
    return text;
}

void columns(std::mt19937 &rng) {
    const auto email = make_normalizer<Email>(), identifier = make_normalizer<Identifier>();
    const auto name = make_normalizer<PersonName>();
    for (const char *format : {"u", "U", "vu", "z", "Z", "vz"}) {
        for (const size_t rows : {0, 1, 31, 32, 33, 65, 500}) {
            std::vector<std::string> texts(rows);
            std::vector<bool> valid(rows);
            for (size_t i = 0; i < rows; ++i) texts[i] = hostile(rng), valid[i] = rng() % 8 != 0;
            const Column made(texts, valid, format, rng() % 4);
            const TextColumn column = made.text();
            const size_t skipped = rows - static_cast<size_t>(column.length());
            for (const auto &normalizer : {email, identifier}) {
                GrowingValues values(true);
                std::vector<uint32_t> numbers(rows);
                std::vector<int32_t> spaces(rows);
                for (auto &space : spaces) space = static_cast<int32_t>(rng() % 2);
                uint64_t counts[status_count] = {};
                const Key128 keys[2] = {{1, 2}, {3, 4}};
                values.add(*normalizer, column, keys, spaces.data(), numbers.data(), counts);
                std::map<std::pair<int32_t, std::string>, uint32_t> known;
                for (int64_t i = 0; i < column.length(); ++i) {
                    Text out;
                    const size_t row = static_cast<size_t>(i) + skipped;
                    const Status status = valid[row] ? (*normalizer)(texts[row], out) : Status::missing;
                    if (!has_value(status)) {
                        check(numbers[i] == none, "what has no value has no number");
                        continue;
                    }
                    const auto fresh = static_cast<uint32_t>(known.size());
                    const auto at = known.try_emplace({spaces[i], std::string(out.view())}, fresh);
                    check(numbers[i] == at.first->second, "values are numbered as a map would");
                    check(values.text(numbers[i]) == out.view(), "texts are kept");
                    check(values.space(numbers[i]) == spaces[i], "and their spaces");
                }
                check(values.size() == known.size(), "one number a value");
            }
            NameForms forms(name, {});
            std::vector<std::vector<uint32_t>> slots(9, std::vector<uint32_t>(rows, none));
            std::array<uint32_t *, 9> numbers;
            for (size_t s = 0; s < 9; ++s) numbers[s] = slots[s].data();
            uint64_t counts[status_count] = {};
            forms.add({&column, &column, nullptr}, column.length(), numbers, counts);
            forms.add({nullptr, nullptr, &column}, column.length(), numbers, counts);
            std::vector<Key128> hashes(rows);
            hash_rows({column, column}, column.length(), {5, 6}, hashes.data());
            for (int64_t i = 1; i < column.length(); ++i) {
                const size_t row = static_cast<size_t>(i) + skipped;
                const bool same = valid[row] == valid[row - 1] && (!valid[row] || texts[row] == texts[row - 1]);
                check((hashes[i] == hashes[i - 1]) == same, "equal rows have equal hashes, others not");
            }
        }
    }
}

bool refused(const ArrowSchema &schema, const ArrowArray &array) {
    try {
        TextColumn(schema, array);
        return false;
    } catch (const std::invalid_argument &) {
        return true;
    }
}

void layouts() {
    Column made({"a", "b"}, {true, true}, "u", 0);
    check(!refused(made.schema(), made.array()), "text is taken");
    for (const char *format : {"", "l", "b", "+l", "vuu"}) {
        made.schema().format = format;
        check(refused(made.schema(), made.array()), "what is no text is refused");
    }
    made.schema().format = nullptr;
    check(refused(made.schema(), made.array()), "no format is refused");
    made.schema().format = "u";
    for (const int64_t buffers : {0, 1, 2, 4}) {
        made.array().n_buffers = buffers;
        check(refused(made.schema(), made.array()), "a wrong number of buffers is refused");
    }
    made.array().n_buffers = 3;
    made.array().offset = -1;
    check(refused(made.schema(), made.array()), "a negative offset is refused");
}

void profiles(std::mt19937 &rng) {
    for (const uint32_t width : {1u, 3u, 8u}) {
        ProfileTable table(width);
        std::map<std::vector<uint32_t>, uint32_t> known;
        uint64_t seen = 0;
        for (const int64_t rows : {0, 1, 33, 4000}) {
            std::vector<std::vector<uint32_t>> codes(width, std::vector<uint32_t>(static_cast<size_t>(rows)));
            std::vector<ProfilePart> parts;
            for (uint32_t c = 0; c < width; ++c) {
                for (auto &code : codes[c]) code = rng() % 9 ? rng() % 5 : none;
                parts.push_back({c, codes[c].data(), nullptr, nullptr});
            }
            std::vector<uint32_t> fresh;
            const uint32_t before = table.size();
            table.add(parts, rows, fresh);
            const uint32_t *numbers = table.of_record().data() + seen;
            check(fresh.size() == table.size() - before, "fresh rows make a profile each");
            seen += static_cast<uint64_t>(rows);
            for (size_t i = 0; i < static_cast<size_t>(rows); ++i) {
                std::vector<uint32_t> row;
                for (const auto &column : codes) row.push_back(column[i]);
                const auto at = known.try_emplace(row, static_cast<uint32_t>(known.size()));
                check(numbers[i] == at.first->second, "profiles are numbered by content");
            }
        }
        uint64_t records = 0;
        for (const uint64_t n : table.counts()) records += n;
        check(records == seen && table.size() == known.size(), "every record has a profile");
    }
    KeyTable keys;
    for (uint64_t i = 0; i < 5000; ++i) check(keys.insert({i << 40, i}) == i, "keys that share their low bits");
    for (uint64_t i = 0; i < 5000; ++i) check(keys.insert({i << 40, i}) == i, "are found");
    check(keys.insert({0, 1}) == 5000, "and no others");
}

// Values that come in batches, in two slots, are numbered with all that is known of them.
void sightings(std::mt19937 &rng) {
    const auto normalizer = make_normalizer<Identifier>();
    const Key128 keys[2] = {{1, 2}, {3, 4}};
    for (const bool with_keys : {false, true}) {
        Sightings sighted({1, 2}, with_keys, true, 3);
        ProfileTable profiles(3, {7, 8});
        std::vector<std::array<std::string, 2>> told;  // by profile: space and text of each slot
        for (const size_t rows : {0, 1, 40, 3000}) {
            std::vector<uint32_t> source(rows, 0), fresh;
            std::vector<std::array<std::string, 2>> batch(rows);
            std::vector<ProfilePart> parts{{0, source.data(), nullptr, nullptr}};
            sighted.begin();
            for (size_t s = 0; s < 2; ++s) {
                std::vector<std::string> texts(rows);
                std::vector<bool> valid(rows);
                std::vector<int32_t> spaces(rows);
                for (size_t i = 0; i < rows; ++i) {
                    texts[i] = hostile(rng), valid[i] = rng() % 8 != 0, spaces[i] = static_cast<int32_t>(rng() % 2);
                    Text out;
                    if (valid[i] && has_value((*normalizer)(texts[i], out))) {
                        batch[i][s] = std::to_string(spaces[i]) + std::string(out.view());
                    }
                }
                const Column made(texts, valid, "u", 0);
                uint64_t counts[status_count] = {};
                std::vector<int64_t> left;
                sighted.read(s, *normalizer, made.text(), keys, spaces.data(), nullptr, counts, left);
            }
            sighted.begin();  // the next one: what was read can be numbered
            sighted.describe(static_cast<int64_t>(rows), parts);
            const uint32_t before = profiles.size();
            profiles.add(parts, static_cast<int64_t>(rows), fresh);
            const uint32_t *numbers = profiles.of_record().end() - rows;
            sighted.keep(fresh, before);
            for (const uint32_t row : fresh) told.push_back(batch[row]);
            for (size_t i = 0; i < rows; ++i) check(told[numbers[i]] == batch[i], "a profile holds what its rows hold");
        }
        profiles.close();
        ValueTable values(true);
        sighted.number(profiles, values);
        std::map<std::string, std::set<uint32_t>> carriers;
        for (uint32_t p = 0; p < told.size(); ++p) {
            for (size_t s = 0; s < 2; ++s) {
                const uint32_t number = profiles.column(static_cast<uint32_t>(s) + 1)[p];
                check((number == none) == told[p][s].empty(), "what has a value has a number");
                if (number == none) continue;
                const std::string known = std::to_string(values.space(number)) + std::string(values.text(number));
                check(known == told[p][s], "the number of its text");
                carriers[known].insert(p);
            }
        }
        check(values.size() == carriers.size(), "one number a value");
        for (uint32_t v = 0; v < values.size(); ++v) {
            const auto of = values.carriers(v);
            const std::set<uint32_t> got(of.begin(), of.end());
            check(got.size() == of.size(), "a carrier is listed once");
            check(got == carriers[std::to_string(values.space(v)) + std::string(values.text(v))], "all are listed");
            const Key128 key = siphash(keys[values.space(v)], values.text(v));
            if (with_keys) check(values.keys()[v] == key, "the key is the text's");
            if (with_keys || of.size() <= 3) continue;
            const Key128 *bits = values.first_bits(v);
            check(bits && bits->low == key.low && bits->high == (key.high & 255), "a crowd's key is known by 72 bits");
        }
    }
}

}  // namespace

int main() {
    std::mt19937 rng(2);
    columns(rng);
    layouts();
    profiles(rng);
    sightings(rng);
    return failures != 0;
}
