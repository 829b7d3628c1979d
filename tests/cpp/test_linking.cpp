// Linking under the sanitizers: random worlds, what must hold in each, and the same with the records in another order.
#include <array>
#include <cstdio>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <string>

#include "enishi/customers.hpp"
#include "enishi/linking.hpp"
#include "enishi/sightings.hpp"

using namespace enishi;

namespace {

int failures = 0;
size_t handovers = 0, adopted = 0;  // over all worlds

void check(bool holds, const char *what) {
    if (!holds) {
        std::fprintf(stderr, "failed: %s\n", what);
        ++failures;
    }
}

constexpr uint32_t fields = 3, first_name = 1 + fields + 1, width = first_name + 8;

struct Record {
    uint32_t source;
    std::string id;
    std::vector<uint32_t> codes;
    int64_t time = Span::never;
};

std::string text_of(uint32_t code) {
    const std::string number = code < 26 ? "" : std::to_string(code / 26);
    return std::string(4, static_cast<char>('a' + code % 7)) + number + static_cast<char>('a' + code % 26);
}

// A column of texts; the empty one is null.
class Texts {
  public:
    void add(const std::string &text) {
        if (ends_.size() % 8 == 1) valid_.push_back(0);
        valid_.back() = static_cast<uint8_t>(valid_.back() | !text.empty() << (ends_.size() - 1) % 8);
        bytes_ += text;
        ends_.push_back(static_cast<int32_t>(bytes_.size()));
    }
    TextColumn column() {
        buffers_ = {valid_.data(), ends_.data(), bytes_.data()};
        const ArrowSchema schema{"u", "", nullptr, 0, 0, nullptr, nullptr, nullptr, nullptr};
        const auto length = static_cast<int64_t>(ends_.size()) - 1;
        return {schema, {length, -1, 0, 3, 0, buffers_.data(), nullptr, nullptr, nullptr, nullptr}};
    }

  private:
    std::vector<uint8_t> valid_;
    std::vector<int32_t> ends_{0};
    std::string bytes_;
    std::array<const void *, 3> buffers_{};
};

// Values as they are; where it cuts, every third is incomplete.
struct Plain {
    bool cuts;
    Status operator()(std::string_view raw, Text &out) const {
        out.append(raw);
        return cuts && (raw.back() - 'a') % 3 == 0 ? Status::incomplete : Status::accepted;
    }
};

using Partition = std::set<std::set<std::string>>;

struct Outcome {
    Partition customers;
    std::set<std::tuple<std::string, std::string, uint32_t>> links;
    std::map<std::string, uint64_t> ids;
    std::set<std::pair<uint32_t, uint32_t>> unusable;  // field and code: generic or incomplete
};

// What is declared: unique sources, the most values of each field, pairs of records that are, and are not, one
// customer.
struct Declared {
    std::vector<uint8_t> unique{0, 0, 0};
    std::map<uint32_t, uint32_t> most;
    std::vector<std::pair<std::string, std::string>> must, cannot;
};

void check_limits(const std::vector<Record> &records, const Declared &declared, const Outcome &outcome) {
    for (const auto &[a, b] : declared.must) check(outcome.ids.at(a) == outcome.ids.at(b), "must-links hold");
    for (const auto &[a, b] : declared.cannot) check(outcome.ids.at(a) != outcome.ids.at(b), "cannot-links hold");
    std::set<std::string> held;
    for (const auto &[a, b] : declared.must) held.insert({a, b});
    for (const std::set<std::string> &customer : outcome.customers) {
        std::vector<int> of_source(3, 0);
        std::map<uint32_t, std::set<uint32_t>> values;
        const auto carry = [&](uint32_t f, uint32_t code) {
            if (code != none && !outcome.unusable.count({f, code})) values[f].insert(code);
        };
        bool free = customer.size() > 1;
        for (const Record &record : records) {
            if (!customer.count(record.id)) continue;
            ++of_source[record.source];
            carry(0, record.codes[1]);
            for (const uint32_t c : {fields, fields + 1}) carry(2, record.codes[c]);
        }
        // What must-links join may hold more than a limit allows; then it is joined with nothing else.
        if (std::includes(held.begin(), held.end(), customer.begin(), customer.end())) free = false;
        for (uint32_t source = 0; source < 3; ++source) {
            check(!declared.unique[source] || of_source[source] < 2, "unique sources hold");
        }
        for (const auto &[f, most] : declared.most) check(!free || values[f].size() <= most, "limits of fields hold");
    }
}

Outcome resolve(const std::vector<Record> &records, uint32_t limit, int bits, const Declared &limited = {}) {
    std::deque<Texts> texts;
    std::deque<Sightings> sightings;
    std::vector<ProfilePart> parts;
    GrowingValues given(true), names(true);
    std::vector<std::vector<uint32_t>> codes(width, std::vector<uint32_t>(records.size(), none));
    const auto rows = static_cast<int64_t>(records.size());
    for (uint32_t f = 0; f < fields; ++f) {
        std::vector<uint32_t> columns{f + 1};
        if (f == 2) columns.push_back(f + 2);
        sightings.emplace_back(columns, true, true, limit);
        const auto normalizer = make_normalizer<Plain>(f == 1);
        for (uint32_t slot = 0; slot < columns.size(); ++slot) {
            texts.emplace_back();
            for (const Record &record : records) {
                const uint32_t code = record.codes[columns[slot]];
                texts.back().add(code == none ? std::string() : text_of(code));
            }
            const Key128 key{f, 99};
            uint64_t counts[status_count] = {};
            std::vector<int64_t> left;
            sightings.back().read(slot, *normalizer, texts.back().column(), &key, nullptr, nullptr, counts, left);
        }
        sightings.back().begin();
        sightings.back().describe(rows, parts);
    }
    for (size_t i = 0; i < records.size(); ++i) {
        codes[0][i] = records[i].source;
        for (uint32_t c = first_name; c < width; ++c) {
            const uint32_t code = records[i].codes[c];
            if (code == none) continue;
            GrowingValues *table = c < first_name + 3 ? &given : c < first_name + 6 ? &names : nullptr;
            codes[c][i] = table ? table->insert(text_of(code), Key128{c, 0}) : code;
        }
    }
    parts.push_back({0, codes[0].data(), nullptr, nullptr});
    for (uint32_t c = first_name; c < width; ++c) parts.push_back({c, codes[c].data(), nullptr, nullptr});
    ProfileTable profiles(width);
    std::vector<uint32_t> fresh;
    profiles.add(parts, rows, fresh);
    const uint32_t *of_record = profiles.of_record().data();
    std::vector<int64_t> times;
    for (const Record &record : records) times.push_back(record.time);
    profiles.see(of_record, times.data(), rows, true);
    profiles.close();
    std::deque<ValueTable> tables;
    for (uint32_t f = 0; f < fields; ++f) {
        sightings[f].keep(fresh, 0);
        tables.emplace_back(true);
        sightings[f].number(profiles, tables.back());
    }

    std::map<std::string, uint32_t> ordinals_by_id;
    for (size_t i = 0; i < records.size(); ++i) ordinals_by_id[records[i].id] = static_cast<uint32_t>(i);
    std::vector<Limits::Pair> must, cannot, twins;
    const auto own_profile = [&](const std::string &id) {
        const uint32_t twin = profiles.split(ordinals_by_id.at(id));
        if (twin != none) twins.emplace_back(profiles.size() - 1, twin);
    };
    for (const auto &pairs : {limited.must, limited.cannot}) {
        for (const auto &[a, b] : pairs) own_profile(a), own_profile(b);
    }
    for (const auto &[a, b] : limited.must) {
        must.emplace_back(of_record[ordinals_by_id.at(a)], of_record[ordinals_by_id.at(b)]);
    }
    for (const auto &[a, b] : limited.cannot) {
        cannot.emplace_back(of_record[ordinals_by_id.at(a)], of_record[ordinals_by_id.at(b)]);
    }
    for (uint32_t f = 0; f < fields; ++f) {
        std::set<std::pair<uint32_t, uint32_t>> more;
        for (const auto &[added, p] : twins) {
            for (const uint32_t c : {f + 1, f == 2 ? f + 2 : f + 1}) {
                if (profiles.column(c)[added] != none) more.emplace(profiles.column(c)[added], added);
            }
        }
        tables[f].carry_more({more.begin(), more.end()});
    }

    Texts record_ids;
    std::vector<Key128> hashes;
    Text room;
    for (const Record &record : records) {
        record_ids.add(record.id);
        hashes.push_back(hash_record(std::to_string(record.source), record.id, room));
    }
    profiles.order(hashes.data(), hashes.size());
    const RecordOrder order{profiles.order().data(), profiles.smallest().data(), profiles.column(0).data()};
    const auto &smallest = profiles.smallest();

    std::vector<IdentifierField> declared(fields);
    for (uint32_t f = 0; f < fields; ++f) {
        declared[f].columns = {f + 1};
        declared[f].values = &tables[f];
        declared[f].rank = f;
        declared[f].personal = f == 0;
        declared[f].generic_limit = limit;
        declared[f].kin = f;
    }
    declared[2].columns = {fields, fields + 1};
    declared[2].rest = 2;
    AttributeColumns attributes;
    for (uint32_t s = 0; s < script_count; ++s) {
        attributes.given[s] = first_name + s;
        attributes.name[s] = first_name + 3 + s;
        attributes.given_texts[s] = &given;
        attributes.name_texts[s] = &names;
    }
    attributes.birth_date = first_name + 6;
    attributes.postcode = first_name + 7;

    static size_t runs = 0;
    const size_t threads = 1 + runs++ % 3;  // which decide nothing
    Linking linking(profiles, declared, attributes, order, threads);
    std::vector<FieldLimit> most;
    for (const auto &[f, n] : limited.most) most.push_back({f, n, FieldLimit::ever, &tables[f]});
    linking.declare(Limits(limited.unique, most, must, cannot, twins));
    linking.find_generic();
    linking.join_exact();
    handovers += linking.handovers().size();
    adopted += linking.adopted().size();
    linking.join_rule(0, {first_name + 3, first_name + 6});
    for (uint32_t f = 0; f < fields; ++f) {
        NearOptions options;
        options.corrections = f == 1;
        const std::vector<NearPair> pairs = NearJoin(tables[f], tables[f].status(), options).run(64).pairs;
        linking.join_near(f, pairs.data(), pairs.size());
    }
    const Customers customers = number_customers(of_record, records.size(), linking.labels(), linking.bound(),
                                                 linking.adopted());
    CustomerNames naming(customers, {"app", "till", "web"}, bits, threads);
    naming.add(record_ids.column(), 0, of_record, order.source_rank);
    const std::vector<uint64_t> ids = naming.ids();
    const std::vector<uint32_t> heads = naming.smallest();
    check(std::set<uint64_t>(ids.begin(), ids.end()).size() == ids.size(), "ids are distinct");

    Outcome outcome;
    for (size_t i = 0; i < records.size(); ++i) {
        for (uint32_t f = 0; f < fields; ++f) {
            for (const uint32_t c : declared[f].columns) {
                const uint32_t v = profiles.column(c)[of_record[i]];
                if (v != none && tables[f].status()[v]) outcome.unusable.emplace(f, records[i].codes[c]);
            }
        }
    }
    std::map<uint32_t, std::set<std::string>> members;
    for (size_t i = 0; i < records.size(); ++i) {
        members[customers.of_record[i]].insert(records[i].id);
        outcome.ids[records[i].id] = ids[customers.of_record[i]];
    }
    for (const auto &[customer, those] : members) {
        outcome.customers.insert(those);
        const size_t head = heads[customer];
        check(those.count(records[head].id), "a customer's smallest record is its own");
    }
    for (const Link &link : linking.links().made) {
        const std::string &left = records[smallest[link.left_profile]].id;
        const std::string &right = records[smallest[link.right_profile]].id;
        check(outcome.ids[left] == outcome.ids[right], "a link holds one customer together");
        // Which of a value's carriers stands for it is the first to arrive; what was linked is not.
        if (link.rule != none) outcome.links.emplace(left, right, link.rule);
    }
    for (uint32_t f = 0; f < fields; ++f) {
        const RowsByProfile by_profile(of_record, records.size(), profiles);
        const NodeReader nodes(linking.graph(), f, linking.joined(f), by_profile, customers, linking.bound());
        uint64_t carried = 0, counted = 0;
        std::vector<std::vector<uint8_t>> states;
        for (const IdentifierField &field : declared) states.emplace_back(field.values->size(), 0);
        const auto [rows, carriers] = evidence_size(linking.graph(), 0, profiles.size());
        std::vector<uint32_t> profile(rows), ordinals(carriers);
        std::vector<int32_t> field(rows), state(rows);
        std::vector<Key128> key(rows);
        std::vector<int64_t> offsets(rows + 1);
        std::vector<uint8_t> first(rows / 8 + 1, 0);
        std::vector<const uint8_t *> codes;
        for (const auto &each : states) codes.push_back(each.data());
        evidence(linking.graph(), codes, by_profile.starts.data(), by_profile.rows.data(), 0, profiles.size(),
                 {profile.data(), field.data(), state.data(), key.data(), offsets.data(), first.data(),
                  ordinals.data()});
        for (size_t i = 0; i < rows; ++i) {
            if (field[i] == static_cast<int32_t>(f)) carried += profiles.counts()[profile[i]];
            const bool leads = i == 0 || profile[i - 1] != profile[i];
            check(leads == ((first[i >> 3] >> (i & 7)) & 1), "a profile's first row is marked");
            check(offsets[i + 1] - offsets[i] == (leads ? static_cast<int64_t>(profiles.counts()[profile[i]]) : 0),
                  "and has the profile's records");
            for (int64_t at = offsets[i]; at < offsets[i + 1]; ++at) {
                check(of_record[ordinals[static_cast<size_t>(at)]] == profile[i], "which are its own");
            }
        }
        const uint32_t values = declared[f].values->size();
        for (const IdentifierNodes &some : {nodes.whole(0, values / 2), nodes.whole(values / 2, values), nodes.split()}) {
            for (const uint64_t n : some.records) counted += n;
        }
        check(carried == counted, "every record that carries a value stands in one node");
    }
    return outcome;
}

std::vector<Record> world(std::mt19937 &rng) {
    std::vector<Record> records;
    const uint32_t rows = rng() % 60, spread = rng() % 20 + 2;
    for (uint32_t i = 0; i < rows; ++i) {
        Record record{static_cast<uint32_t>(rng() % 3), std::to_string(rng() % 9) + "-" + std::to_string(i),
                      std::vector<uint32_t>(width, none)};
        for (uint32_t c = 1; c < width; ++c) {
            if (rng() % 2) record.codes[c] = rng() % (c < first_name ? spread : 3);
        }
        uint32_t &birth = record.codes[first_name + 6];
        if (birth != none) birth = static_cast<uint32_t>(19800101 + rng() % 2 * 90000 + rng() % 3);
        if (rng() % 10 == 0) record.codes[1] = 0;
        records.push_back(record);
        if (rng() % 4 == 0) {
            record.id += "-again";
            records.push_back(record);
        }
    }
    return records;
}

// Two values that three people had one after another, in most worlds; half of the records say nothing else.
std::vector<Record> handed_down(std::mt19937 &rng) {
    std::vector<Record> records;
    const uint32_t births[] = {19800101, 19910203, 20020305};
    const uint32_t rows = rng() % 30 + 5, days = rng() % 4 ? 9 : 15;
    for (uint32_t i = 0; i < rows; ++i) {
        const uint32_t owner = rng() % 3;
        const auto when = [&] { return rng() % 12 ? static_cast<int64_t>(owner * 10 + rng() % days) : Span::never; };
        Record record{static_cast<uint32_t>(rng() % 3), std::to_string(i), std::vector<uint32_t>(width, none), when()};
        record.codes[fields] = rng() % 2;
        if (rng() % 8 == 0) record.codes[1] = owner;
        if (rng() % 2) {
            record.codes[first_name] = record.codes[first_name + 3] = owner;
            if (rng() % 2) record.codes[first_name + 6] = births[owner];
        }
        records.push_back(record);
        for (uint32_t n = rng() % 3; n; --n) {
            record.id += "-again";
            record.time = when();
            records.push_back(record);
        }
    }
    return records;
}

// So many small worlds side by side that threads share them.
std::vector<Record> many_worlds(std::mt19937 &rng, uint32_t worlds) {
    std::vector<Record> records;
    for (uint32_t w = 0; w < worlds; ++w) {
        for (Record &record : w % 3 ? world(rng) : handed_down(rng)) {
            record.id += "-of-" + std::to_string(w);
            for (uint32_t c = 1; c < first_name; ++c) {
                if (record.codes[c] != none) record.codes[c] += w * 100;
            }
            records.push_back(std::move(record));
        }
    }
    return records;
}

// Must-links only within a source that is not unique, cannot-links only away from the records that they name.
Declared declare(const std::vector<Record> &records, std::mt19937 &rng) {
    Declared declared;
    if (records.empty()) return declared;
    for (uint8_t &unique : declared.unique) unique = rng() % 3 == 0;
    for (const uint32_t f : {0u, 2u}) {
        if (rng() % 2) declared.most[f] = rng() % 3 + 1;
    }
    std::set<std::string> held;
    const auto any = [&]() -> const Record & { return records[rng() % records.size()]; };
    for (uint32_t n = rng() % 4; n; --n) {
        const Record &a = any(), &b = any();
        if (declared.unique[a.source] || declared.unique[b.source]) continue;
        declared.must.emplace_back(a.id, b.id);
        held.insert({a.id, b.id});
    }
    for (uint32_t n = rng() % 8; n; --n) {
        const Record &a = any(), &b = any();
        if (a.id != b.id && !held.count(a.id)) declared.cannot.emplace_back(a.id, b.id);
    }
    return declared;
}

void check_windows() {
    ValueTable values(false);
    for (int n = 0; n < 4; ++n) values.append(Status::accepted, nullptr, "", 0);
    const int64_t times[] = {std::numeric_limits<int64_t>::min() + 1, 0, 10};
    for (uint32_t v = 0; v < 3; ++v) values.see(v, times[v], times[v]);
    const auto broken = [&](uint32_t most, int64_t window, std::vector<uint32_t> distinct) {
        return FieldLimit{0, most, window, &values}.broken_by(distinct);
    };
    check(broken(1, 10, {1, 2}) && !broken(1, 9, {1, 2}) && broken(1, FieldLimit::ever, {1, 2}),
          "a window has two ends");
    check(!broken(2, 1000, {0, 1, 2}) && broken(1, std::numeric_limits<int64_t>::max(), {0, 1}), "and may be wide");
    check(broken(1, 0, {1, 3}) && !broken(2, 0, {1, 2, 3}), "what has no time may have been seen at any");
}

}  // namespace

int main() {
    std::mt19937 rng(3);
    check_windows();
    for (int round = 0; round < 300; ++round) {
        std::vector<Record> records = round % 3 ? world(rng) : handed_down(rng);
        const uint32_t limit = rng() % 6 + 1;
        const Outcome outcome = resolve(records, limit, 12);
        std::shuffle(records.begin(), records.end(), rng);
        const Outcome again = resolve(records, limit, 12);
        check(outcome.customers == again.customers, "the order of arrival does not decide who is one customer");
        check(outcome.ids == again.ids, "nor which id a customer has");
        check(outcome.links == again.links, "nor which rule linked whom");

        const Declared declared = declare(records, rng);
        const Outcome limited = resolve(records, limit, 12, declared);
        check_limits(records, declared, limited);
        std::shuffle(records.begin(), records.end(), rng);
        const Outcome repeated = resolve(records, limit, 12, declared);
        check(limited.customers == repeated.customers && limited.links == repeated.links, "nor what limits forbid");
    }
    const std::vector<Record> many = many_worlds(rng, 500);
    const Declared of_many = declare(many, rng);
    for (const Declared &declared : {Declared{}, of_many}) {
        const Outcome first = resolve(many, 3, 40, declared);
        for (int threads = 0; threads < 2; ++threads) {
            const Outcome next = resolve(many, 3, 40, declared);
            check(first.customers == next.customers && first.ids == next.ids && first.links == next.links,
                  "nor does the number of threads decide");
        }
    }
    check(handovers > 100 && adopted > 100, "values change hands in these worlds");
    check(resolve({}, 20, 63).customers.empty(), "no records, no customers");
    return failures != 0;
}
